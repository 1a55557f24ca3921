"""Augmentation of a whole batch at once, in torch, so that no loader is ever waited for.

One affine sampling does crop, turn, reflection, rotation, stretch and resize together, so pixels
are interpolated once; one 3 x 3 matrix per image does brightness, contrast, saturation and hue.
Off unless a recipe asks for them: neutral light, hair, the dermatoscope's ring, erased rectangles.

Neutral light (colour constancy) is an augmentation here and no preprocessing: a network that saw
pictures with and without it needs nothing of the kind in service, where a preprocessing would have
to be repeated exactly by every runtime, and an estimate gone wrong would change the answer.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from inference.training.colour_constancy import shades_of_gray
from inference.training.drawn_artefacts import add_hairs, add_rings, draw_hairs, draw_rings
from inference.training.recipe import Augmentation, Recipe

GREY = (0.299, 0.587, 0.114)  # ITU-R BT.601 luma


@dataclass(frozen=True)
class Changes:
    """What happens to each image of a batch, drawn before any image is looked at.

    A slice of the changes belongs to the same slice of the images: several processes that share a
    batch draw the same numbers and change their images as one process would.
    """

    affine: Tensor  # (N, 2, 3) from output to input coordinates, both from -1 to 1
    colour: Tensor  # (N, 3, 3) on RGB
    lift: Tensor  # (N,) of the mean brightness, added to every pixel
    neutral: Tensor  # (N,) whether the light's colour is taken away
    hairs: Tensor  # (N, hairs, 7), see drawn_artefacts.py
    ring: Tensor  # (N, 5), likewise
    erased: Tensor  # (N, 4): top, left, bottom, right as shares of the sides

    def part(self, rows: slice) -> "Changes":
        return Changes(**{name: value[rows] for name, value in vars(self).items()})


def training_batch(images: Tensor, *, size: int, recipe: Recipe, random: torch.Generator) -> Tensor:
    """Turn uint8 (N, H, W, 3) into an augmented, normalised float (N, 3, size, size) batch."""
    changes = draw_changes(len(images), recipe.augmentation, random)
    return changed(images, changes, size=size, recipe=recipe)


def draw_changes(count: int, settings: Augmentation, random: torch.Generator) -> Changes:
    """Draw the changes of ``count`` images.

    What is off uses up no random numbers: the images of a recipe do not depend on options it
    does not use.
    """
    affine = _random_affines(count, settings, random)
    colour, lift = _random_colours(count, settings, random)
    return Changes(
        affine=affine,
        colour=colour,
        lift=lift,
        neutral=_random_choice(count, settings.shades_of_gray, random),
        hairs=draw_hairs(count, settings.hair, random),
        ring=draw_rings(count, settings.vignette, random),
        erased=_random_rectangles(count, settings.erase, random),
    )


def changed(images: Tensor, changes: Changes, *, size: int, recipe: Recipe) -> Tensor:
    """Apply changes (N) to uint8 (N, H, W, 3) images: a normalised (N, 3, size, size) batch.

    On the images' device; what to change is chosen on the CPU, so that no GPU is waited for.
    """
    pixels, device = images.permute(0, 3, 1, 2).float().div(255), images.device
    affine, shape = changes.affine.to(device), [len(images), 3, size, size]
    grid = functional.affine_grid(affine, shape, align_corners=False)
    pixels = functional.grid_sample(
        pixels, grid, mode="bilinear", padding_mode="reflection", align_corners=False
    )
    chosen = torch.nonzero(changes.neutral).flatten().to(device)
    if len(chosen):
        pixels[chosen] = shades_of_gray(pixels[chosen])
    pixels = add_rings(add_hairs(pixels, changes.hairs), changes.ring)
    brightness = pixels.mean(dim=(1, 2, 3), keepdim=True)
    coloured = torch.bmm(changes.colour.to(device), pixels.flatten(2)).view_as(pixels)
    pixels = (coloured + brightness * changes.lift[:, None, None, None].to(device)).clamp(0, 1)
    pixels = _erase(normalised(pixels, recipe), changes.erased)
    return pixels.contiguous(memory_format=torch.channels_last)


def evaluation_batch(images: Tensor, *, recipe: Recipe) -> Tensor:
    """Normalise uint8 (N, H, W, 3) images that already have the evaluation size."""
    pixels = normalised(images.permute(0, 3, 1, 2).float().div(255), recipe)
    return pixels.contiguous(memory_format=torch.channels_last)


def normalised(pixels: Tensor, recipe: Recipe) -> Tensor:
    mean = torch.tensor(recipe.mean, device=pixels.device)[:, None, None]
    std = torch.tensor(recipe.std, device=pixels.device)[:, None, None]
    return (pixels - mean) / std


def eight_views(batch: Tensor) -> list[Tensor]:
    """The eight turns and reflections (the group D4) of a batch (N, C, H, W)."""
    turned = [torch.rot90(batch, quarter, dims=(2, 3)) for quarter in range(4)]
    return [view for turn in turned for view in (turn, turn.flip(3))]


def _uniform(count: int, low: float, high: float, random: torch.Generator) -> Tensor:
    return torch.empty(count).uniform_(low, high, generator=random)


def _random_choice(count: int, share: float, random: torch.Generator) -> Tensor:
    """Which of ``count`` images (N,) are among the share."""
    if share == 0:
        return torch.zeros(count, dtype=torch.bool)
    return torch.rand(count, generator=random) < share


def _random_affines(count: int, settings: Augmentation, random: torch.Generator) -> Tensor:
    """Random (N, 2, 3) maps from output to input coordinates, both from -1 to 1."""
    side = _uniform(count, settings.smallest_crop, 1.0, random)
    stretch = _uniform(count, -settings.aspect / 2, settings.aspect / 2, random).exp()
    quarter = torch.randint(4, (count,), generator=random) * (math.pi / 2)
    small = math.radians(settings.degrees)
    angle = quarter + _uniform(count, -small, small, random)
    mirror = torch.randint(2, (count,), generator=random) * 2.0 - 1.0
    room = 1 - side  # how far the crop's centre may lie from the image's
    cosine, sine = angle.cos(), angle.sin()
    first = torch.stack((side * stretch * cosine * mirror, -side / stretch * sine), dim=1)
    second = torch.stack((side * stretch * sine * mirror, side / stretch * cosine), dim=1)
    centre = torch.stack((_uniform(count, -1, 1, random), _uniform(count, -1, 1, random)), dim=1)
    shift = (centre * room[:, None])[:, :, None]
    return torch.cat((torch.stack((first, second), dim=1), shift), dim=2)


def _random_colours(
    count: int, settings: Augmentation, random: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Matrices (N, 3, 3) on RGB, and what to add (N,) as a share of the mean brightness."""
    bright = 1 + _uniform(count, -settings.brightness, settings.brightness, random)
    contrast = 1 + _uniform(count, -settings.contrast, settings.contrast, random)
    saturation = 1 + _uniform(count, -settings.saturation, settings.saturation, random)
    hue = _uniform(count, -settings.hue, settings.hue, random)
    grey = torch.tensor(GREY).expand(3, 3)
    colour = torch.eye(3) * saturation[:, None, None] + grey * (1 - saturation)[:, None, None]
    matrix = _hue_rotation(hue) @ colour * (bright * contrast)[:, None, None]
    return matrix, bright * (1 - contrast)


def _hue_rotation(angle: Tensor) -> Tensor:
    """Rotation matrices (N, 3, 3) about the grey axis (1, 1, 1), by Rodrigues' formula."""
    cosine, sine = angle.cos()[:, None, None], angle.sin()[:, None, None]
    axis = 1 / math.sqrt(3)
    cross = torch.tensor(((0.0, -axis, axis), (axis, 0.0, -axis), (-axis, axis, 0.0)))
    return torch.eye(3) * cosine + torch.full((3, 3), 1 / 3) * (1 - cosine) + cross * sine


def _random_rectangles(count: int, share: float, random: torch.Generator) -> Tensor:
    """Rectangles (N, 4) with sides of 0.15 to 0.4; empty in all but a share of the images."""
    if share == 0:
        return torch.zeros(count, 4)
    chosen = _random_choice(count, share, random)
    sides = _uniform(count * 2, 0.15, 0.4, random).view(count, 2)
    start = (1 - sides) * torch.rand(count, 2, generator=random)
    return torch.cat((start, start + sides * chosen[:, None]), dim=1)


def _erase(pixels: Tensor, rectangles: Tensor) -> Tensor:
    """Blank each image's rectangle to the mean colour, 0, in place."""
    height, width = pixels.shape[2:]
    scale = torch.tensor((height, width, height, width))
    for index in torch.nonzero(rectangles[:, 2] > rectangles[:, 0]).flatten().tolist():
        top, left, bottom, right = (rectangles[index] * scale).int().tolist()
        pixels[index, :, top:bottom, left:right] = 0
    return pixels
