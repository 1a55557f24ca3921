"""MixUp and CutMix: images of a batch in pairs, and labels in the shares that are really seen.

MONAI 1.6's transforms of the same names are no replacement: its MixUp refuses labels (N, C), and
its CutMix gives every image the label of its partner, however little of it was pasted.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from inference.training.recipe import Recipe
from inference.training.records import DataError

MIXINGS = ("none", "mixup", "cutmix")


@dataclass(frozen=True)
class Mixture:
    """What is mixed into each image of a batch, drawn before any image is looked at."""

    partner: Tensor  # (N,) index of the image mixed in
    kept: Tensor  # (N,) share of the image itself, 1 where nothing is mixed in
    centre: Tensor  # (N, 2) of CutMix's rectangle, from 0 to 1, down and across

    def on(self, device: torch.device) -> "Mixture":
        return Mixture(self.partner.to(device), self.kept.to(device), self.centre.to(device))


def mix(
    images: Tensor, labels: Tensor, *, recipe: Recipe, random: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Mix a batch (N, 3, H, W) with class indices (N,); returns it with labels as class shares.

    Without mixing, both come back as they are. Raises DataError for an unknown way of mixing.
    """
    if recipe.mixing not in MIXINGS:
        raise DataError(f"The mixing {recipe.mixing} is none of {', '.join(MIXINGS)}.")
    if recipe.mixing == "none":
        return images, labels
    mixture = draw_mixture(
        len(images), alpha=recipe.mixing_alpha, share=recipe.mixing_share, random=random
    )
    mixture = mixture.on(images.device)
    truth = functional.one_hot(labels.to(images.device), len(recipe.classes)).float()
    return (mixup if recipe.mixing == "mixup" else cutmix)(images, truth, mixture)


def draw_mixture(count: int, *, alpha: float, share: float, random: torch.Generator) -> Mixture:
    """Partners by one shuffle; of a ``share`` of images the kept part is Beta(alpha, alpha)."""
    if alpha <= 0:
        raise DataError("The setting mixing_alpha must be above 0.")
    # torch's Beta takes no generator; numpy's, seeded by ours, repeats just as well.
    seed = int(torch.randint(2**62, (1,), generator=random))
    kept = torch.from_numpy(np.random.default_rng(seed).beta(alpha, alpha, count)).float()
    mixed = torch.rand(count, generator=random) < share
    return Mixture(
        partner=torch.randperm(count, generator=random),
        kept=torch.where(mixed, kept, torch.ones(count)),
        centre=torch.rand(count, 2, generator=random),
    )


def mixup(images: Tensor, truth: Tensor, mixture: Mixture) -> tuple[Tensor, Tensor]:
    """Weighted means of pictures and of labels (Zhang et al., ICLR 2018)."""
    kept = mixture.kept[:, None]
    pixels = kept[:, :, None, None]
    return (
        pixels * images + (1 - pixels) * images[mixture.partner],
        kept * truth + (1 - kept) * truth[mixture.partner],
    )


def cutmix(images: Tensor, truth: Tensor, mixture: Mixture) -> tuple[Tensor, Tensor]:
    """A rectangle of the partner pasted in, labels by the area pasted (Yun et al., ICCV 2019).

    The rectangle has the image's proportions and an area of 1 - kept before it is clipped at the
    image's edge; the labels follow the pixels that were in fact replaced.
    """
    height, width = images.shape[2:]
    half = (1 - mixture.kept).sqrt() / 2
    pasted = (
        _between(height, mixture.centre[:, 0], half)[:, :, None]
        & (_between(width, mixture.centre[:, 1], half)[:, None, :])
    )
    kept = 1 - pasted.float().mean(dim=(1, 2))[:, None]
    return (
        torch.where(pasted[:, None], images[mixture.partner], images),
        kept * truth + (1 - kept) * truth[mixture.partner],
    )


def _between(length: int, centre: Tensor, half: Tensor) -> Tensor:
    """Which of ``length`` pixels lie within ``half`` of the centre, as shares: (N, length)."""
    places = (torch.arange(length, device=centre.device) + 0.5) / length
    return (places - centre[:, None]).abs() < half[:, None]
