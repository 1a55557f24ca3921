"""Averaged weights: their batch norms, and their names in a checkpoint."""

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn.modules.batchnorm import _BatchNorm

from inference.engine.architectures import LesionClassifier
from inference.training.augmentation import evaluation_batch
from inference.training.distributed import Ranks
from inference.training.precision import half_precision
from inference.training.recipe import Recipe

AVERAGE = "module.network."  # where the averaged MONAI network's tensors are in a checkpoint


def averaged_tensors(average: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A checkpoint's averaged weights by the MONAI network's own names."""
    return {
        name.removeprefix(AVERAGE): value
        for name, value in average.items()
        if name.startswith(AVERAGE)
    }


@torch.no_grad()
def refresh_batch_norms(
    model: LesionClassifier, images: Tensor, recipe: Recipe, ranks: Ranks
) -> None:
    """Recompute batch-norm statistics on unaugmented training images, uint8 (N, H, W, 3).

    Averaged weights have activations of their own: statistics copied from the raw network make
    validation wobble. The images are seen as in service: whole, at the evaluation size.
    """
    norms = [layer for layer in model.modules() if isinstance(layer, _BatchNorm)]
    momenta = [layer.momentum for layer in norms]
    for layer in norms:
        layer.reset_running_stats()
        layer.momentum = None  # a plain mean over the batches
    model.train()
    for some in torch.split(images, recipe.batch_size):
        batch = evaluation_batch(some[ranks.share_of(len(some))], recipe=recipe)
        if len(batch):
            with half_precision(ranks.device):
                model.logits(batch.to(ranks.device))
    model.eval()
    for layer, momentum in zip(norms, momenta, strict=True):
        layer.momentum = momentum
