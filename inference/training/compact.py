"""Weights in eight bits: half the size of a package, for ensembles above all.

Only what is stored changes. A runtime computes in single precision, with each weight restored as
its integer times the scale of its output channel, so nothing is faster and nothing needs images to
be calibrated on (unlike quantised arithmetic).
"""

from collections.abc import Mapping

import torch
from torch import Tensor

from inference.engine.package import FAMILIARITY_PREFIX
from inference.engine.tensors import SCALE

LARGEST = 127


def in_eight_bits(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Store every weight of two or more dimensions (out, …) as int8 with float32 scales (out,).

    Symmetric and by output channel; norms, biases and what is familiar to a network stay as they
    are.
    """
    compact: dict[str, Tensor] = {}
    for name, value in tensors.items():
        plain = value.ndim < 2 or not value.is_floating_point()
        if plain or name.startswith(FAMILIARITY_PREFIX):
            compact[name] = value
            continue
        weights = value.float()
        scales = (weights.flatten(1).abs().amax(dim=1) / LARGEST).clamp(min=1e-12)
        by_channel = scales.reshape(-1, *[1] * (weights.ndim - 1))
        compact[name] = (weights / by_channel).round().to(torch.int8)
        compact[f"{name}{SCALE}"] = scales
    return compact
