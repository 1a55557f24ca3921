"""What a network answers for one batch, and what every runtime offers."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class ForwardPass:
    """What one pass over a batch gives: logits (N, C), class maps (N, C, h, w), features (N, F).

    The mean of a class's map over h and w, plus the class's bias, is its logit. Features are what
    the last layer sees.
    """

    logits: Floats
    class_maps: Floats
    features: Floats


class Runtime(Protocol):
    """Runs one package's network on normalised float32 (N, 3, H, W) batches."""

    @property
    def name(self) -> str:
        """Such as ``onnxruntime-cpu`` or ``torch-cuda``."""

    @property
    def batch_size(self) -> int:
        """Images a batch beyond which throughput no longer grows."""

    def forward(self, batch: Floats) -> ForwardPass:
        """Run the network on one batch."""
