"""Augmentation of a whole batch at once, in torch, so that no loader is ever waited for.

One affine sampling does crop, turn, reflection, rotation, stretch and resize together, so pixels
are interpolated once; one 3 x 3 matrix per image does brightness, contrast, saturation and hue.
"""

import math

import torch
from torch import Tensor
from torch.nn import functional

from inference.training.recipe import Augmentation, Recipe

GREY = (0.299, 0.587, 0.114)  # ITU-R BT.601 luma


def training_batch(images: Tensor, *, size: int, recipe: Recipe, random: torch.Generator) -> Tensor:
    """Turn uint8 (N, H, W, 3) into an augmented, normalised float (N, 3, size, size) batch."""
    settings = recipe.augmentation
    pixels = images.permute(0, 3, 1, 2).float().div(255)
    grid = functional.affine_grid(
        _random_affines(len(images), settings, random),
        [len(images), 3, size, size],
        align_corners=False,
    )
    pixels = functional.grid_sample(
        pixels, grid, mode="bilinear", padding_mode="reflection", align_corners=False
    )
    pixels = _random_colours(pixels, settings, random)
    pixels = normalised(pixels, recipe)
    if settings.erase:
        pixels = _erase(pixels, settings.erase, random)
    return pixels.contiguous(memory_format=torch.channels_last)


def evaluation_batch(images: Tensor, *, recipe: Recipe) -> Tensor:
    """Normalise uint8 (N, H, W, 3) images that already have the evaluation size."""
    pixels = normalised(images.permute(0, 3, 1, 2).float().div(255), recipe)
    return pixels.contiguous(memory_format=torch.channels_last)


def normalised(pixels: Tensor, recipe: Recipe) -> Tensor:
    mean = torch.tensor(recipe.mean)[:, None, None]
    std = torch.tensor(recipe.std)[:, None, None]
    return (pixels - mean) / std


def eight_views(batch: Tensor) -> list[Tensor]:
    """The eight turns and reflections (the group D4) of a batch (N, C, H, W)."""
    turned = [torch.rot90(batch, quarter, dims=(2, 3)) for quarter in range(4)]
    return [view for turn in turned for view in (turn, turn.flip(3))]


def _uniform(count: int, low: float, high: float, random: torch.Generator) -> Tensor:
    return torch.empty(count).uniform_(low, high, generator=random)


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


def _random_colours(pixels: Tensor, settings: Augmentation, random: torch.Generator) -> Tensor:
    count = len(pixels)
    bright = 1 + _uniform(count, -settings.brightness, settings.brightness, random)
    contrast = 1 + _uniform(count, -settings.contrast, settings.contrast, random)
    saturation = 1 + _uniform(count, -settings.saturation, settings.saturation, random)
    hue = _uniform(count, -settings.hue, settings.hue, random)
    grey = torch.tensor(GREY).expand(3, 3)
    colour = torch.eye(3) * saturation[:, None, None] + grey * (1 - saturation)[:, None, None]
    matrix = _hue_rotation(hue) @ colour * (bright * contrast)[:, None, None]
    mean = pixels.mean(dim=(2, 3), keepdim=True) * bright[:, None, None, None]
    mixed = torch.bmm(matrix, pixels.flatten(2)).view_as(pixels)
    return (mixed + mean.mean(dim=1, keepdim=True) * (1 - contrast)[:, None, None, None]).clamp(
        0, 1
    )


def _hue_rotation(angle: Tensor) -> Tensor:
    """Rotation matrices (N, 3, 3) about the grey axis (1, 1, 1), by Rodrigues' formula."""
    cosine, sine = angle.cos()[:, None, None], angle.sin()[:, None, None]
    axis = 1 / math.sqrt(3)
    cross = torch.tensor(((0.0, -axis, axis), (axis, 0.0, -axis), (-axis, axis, 0.0)))
    return torch.eye(3) * cosine + torch.full((3, 3), 1 / 3) * (1 - cosine) + cross * sine


def _erase(pixels: Tensor, share: float, random: torch.Generator) -> Tensor:
    """Blank one random rectangle (to the mean colour, 0) in a share of the images, in place."""
    height, width = pixels.shape[2:]
    for index in torch.nonzero(torch.rand(len(pixels), generator=random) < share).flatten():
        high, wide = (int(side * float(_uniform(1, 0.15, 0.4, random))) for side in (height, width))
        top = int(torch.randint(height - high + 1, (1,), generator=random))
        left = int(torch.randint(width - wide + 1, (1,), generator=random))
        pixels[index, :, top : top + high, left : left + wide] = 0
    return pixels
