"""Batch norms over the images of all ranks, so that more processes train the same network."""

from typing import Any, cast

import torch
from torch import Tensor, distributed, nn

from inference.engine.architectures import LesionClassifier
from inference.training.distributed import Ranks


class SumOverRanks(torch.autograd.Function):
    """A sum over ranks whose gradient is the sum of the ranks' gradients."""

    @staticmethod
    def forward(_context: Any, values: Tensor) -> Tensor:
        total = values.clone()
        distributed.all_reduce(total)
        return total

    @staticmethod
    def backward(_context: Any, gradient: Tensor) -> Tensor:  # type: ignore[override]
        total = gradient.clone()
        distributed.all_reduce(total)
        return total


class SynchronisedBatchNorm(nn.BatchNorm2d):
    """A batch norm over all ranks' images, of which each has equally many.

    For CPUs, which torch's SyncBatchNorm refuses.
    """

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002  torch's name for it
        if not self.training:
            return super().forward(input)
        ranks = distributed.get_world_size()
        activations = input.float()
        moments = torch.stack(
            (activations.mean(dim=(0, 2, 3)), activations.square().mean(dim=(0, 2, 3)))
        )
        summed: Tensor = SumOverRanks.apply(moments)  # type: ignore[no-untyped-call]
        mean, square = (summed / ranks).unbind()
        variance = (square - mean.square()).clamp(min=0)
        self._remember(mean.detach(), variance.detach(), ranks * input.numel() // input.shape[1])
        scale = self.weight / (variance + self.eps).sqrt()
        shift = self.bias - mean * scale
        normed: Tensor = activations * scale[:, None, None] + shift[:, None, None]
        return normed.to(input.dtype)

    def _remember(self, mean: Tensor, variance: Tensor, count: int) -> None:
        seen = cast("Tensor", self.num_batches_tracked)
        seen += 1
        share = 1 / float(seen) if self.momentum is None else self.momentum
        unbiased = variance * count / max(1, count - 1)
        cast("Tensor", self.running_mean).lerp_(mean, share)
        cast("Tensor", self.running_var).lerp_(unbiased, share)


def synchronise_batch_norms(model: LesionClassifier, ranks: Ranks) -> LesionClassifier:
    """The model with its batch norms over all ranks; names and tensors stay as they are."""
    if ranks.count == 1:
        return model
    if ranks.device.type == "cuda":
        converted = nn.SyncBatchNorm.convert_sync_batchnorm(model)  # type: ignore[no-untyped-call]
        return cast("LesionClassifier", converted)
    _replace_batch_norms(model)
    return model


def _replace_batch_norms(module: nn.Module) -> None:
    for name, child in module.named_children():
        if type(child) is nn.BatchNorm2d:
            norm = SynchronisedBatchNorm(child.num_features, child.eps, child.momentum)
            norm.load_state_dict(child.state_dict())
            setattr(module, name, norm)
        else:
            _replace_batch_norms(child)
