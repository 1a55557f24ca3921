"""One forward pass, two ways: torch where there is a GPU, ONNX Runtime on CPUs.

Neither torch nor ONNX Runtime is imported before a runtime needs it: a worker that serves an
already exported network through ONNX Runtime saves torch's seconds and 400 MB.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from inference.engine.package import Package

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


def choose_runtime(
    package: Package, *, onnx_path: Path | None = None, device: str = "auto"
) -> Runtime:
    """The fastest runtime here: torch on a GPU, ONNX Runtime on a CPU.

    ``device`` is auto, cpu, cuda (any torch device) or torch-cpu. On a CPU the network is exported
    to ``onnx_path`` when that file does not exist yet (or is damaged, or of another version of
    this engine), and checked against torch; without an ``onnx_path``, to a temporary file. Raises
    PackageError when the weights do not fit or the exported network disagrees.
    """
    if device == "auto":
        device = "cuda" if cuda_is_available() else "cpu"
    if device == "cpu":
        from inference.engine.onnx_runtime import open_onnx_runtime

        return open_onnx_runtime(package, onnx_path)
    from inference.engine.torch_runtime import TorchRuntime

    return TorchRuntime(package, device="cpu" if device == "torch-cpu" else device)


def export_onnx(package: Package, path: Path) -> None:
    """Export the package's network for ONNX Runtime; see ``onnx_export``."""
    from inference.engine.onnx_export import export_onnx as export

    export(package, path)


def check_agreement(package: Package, onnx_path: Path) -> float:
    """The largest difference of class probabilities between torch and ONNX Runtime.

    Raises PackageError when it exceeds 1e-4; see ``onnx_export``.
    """
    from inference.engine.onnx_export import check_agreement as check

    return check(package, onnx_path)


def cuda_is_available() -> bool:
    """Whether torch could use a GPU, without importing torch on a machine that has none."""
    if not any(Path("/dev").glob("nvidia[0-9]*")):
        return False
    import torch

    return torch.cuda.is_available()
