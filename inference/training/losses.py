"""The loss of a recipe: cross entropy, focal or LDAM, with or without adjusted logits and weights.

Targets are class indices (N,) or, for mixed images and smoothed labels, class shares (N, C) that
sum to one. Logits are (N, C) in single precision.
"""

from collections.abc import Callable, Sequence

import torch
from monai.losses import FocalLoss
from torch import Tensor
from torch.nn import functional

from inference.training.balance import drawing_shares, effective_number_weights
from inference.training.recipe import Recipe
from inference.training.records import DataError

Loss = Callable[[Tensor, Tensor], Tensor]

LOSSES = ("cross_entropy", "focal", "ldam")
WEIGHTINGS = ("none", "effective_number")


def training_loss(recipe: Recipe, counts: Sequence[int], *, epoch: int) -> Loss:
    """The mean loss ``(logits, targets) -> scalar`` of an epoch, counted from 0.

    ``counts`` are the training images of each class, in the recipe's order. Raises DataError for
    settings that are no loss.
    """
    _refuse_unknown(recipe)
    shares = drawing_shares(counts, recipe.sampling_exponent).float()
    shift = recipe.logit_adjustment * shares.clamp(min=1e-9).log()
    weights = torch.ones(len(counts))
    if recipe.class_weighting != "none" and epoch >= recipe.reweight_after * recipe.epochs:
        weights = effective_number_weights(counts, shares)
    margins = ldam_margins(counts, largest=recipe.ldam_margin)

    def loss(logits: Tensor, targets: Tensor) -> Tensor:
        wanted = class_shares(targets, logits.shape[1], smoothing=recipe.label_smoothing)
        shifted = logits + shift.to(logits)
        if recipe.loss == "focal":
            return focal_loss(shifted, wanted, weights, gamma=recipe.focal_gamma)
        if recipe.loss == "ldam":
            shifted = shifted - margins.to(logits) * wanted
        return cross_entropy(shifted, wanted, weights.to(logits))

    return loss


def class_shares(targets: Tensor, classes: int, *, smoothing: float = 0.0) -> Tensor:
    """Targets as shares (N, C); ``smoothing`` of each goes to all classes alike (Szegedy 2016)."""
    shares = targets if targets.ndim == 2 else functional.one_hot(targets, classes).float()
    return shares * (1 - smoothing) + smoothing / classes


def cross_entropy(logits: Tensor, wanted: Tensor, weights: Tensor) -> Tensor:
    """The mean over images of the weighted cross entropy; ``wanted`` are class shares (N, C).

    Divided by the number of images, not by the weights in the batch as torch does for indices:
    a batch without rare classes then does not count more than one with them.
    """
    return -(wanted * weights * logits.log_softmax(dim=1)).sum(dim=1).mean()


def focal_loss(logits: Tensor, wanted: Tensor, weights: Tensor, *, gamma: float) -> Tensor:
    """Cross entropy that counts an image by (1 - p) ** gamma (Lin et al., ICCV 2017).

    MONAI's, whose own mean would divide by images times classes.
    """
    alpha: list[float] = weights.tolist()
    of_each_class = FocalLoss(use_softmax=True, gamma=gamma, alpha=alpha, reduction="none")
    return torch.as_tensor(of_each_class(logits, wanted)).sum(dim=1).mean()


def ldam_margins(counts: Sequence[int], *, largest: float) -> Tensor:
    """Label-distribution-aware margins: ``largest`` for the rarest class, others by n ** -1/4.

    Cao et al., NeurIPS 2019, equation 13: the margin is taken off the true class's logit. There,
    features and class weights are normalised and logits are cosines times 30, with margins up to
    0.5 of a cosine; a packaged network has a plain linear classifier, so margins here are in
    logits.
    """
    margins = torch.tensor(counts, dtype=torch.float64).clamp(min=1) ** -0.25
    return (largest * margins / margins.max()).float()


def _refuse_unknown(recipe: Recipe) -> None:
    for setting, value, known in (
        ("loss", recipe.loss, LOSSES),
        ("class_weighting", recipe.class_weighting, WEIGHTINGS),
    ):
        if value not in known:
            raise DataError(f"The {setting} {value} is none of {', '.join(known)}.")
    if 0 < recipe.focal_gamma < 1:
        # The slope of (1 - p) ** gamma is infinite at p = 1: one easy image would be a NaN.
        raise DataError("The setting focal_gamma is 0 or at least 1.")
