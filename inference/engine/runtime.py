"""The choice of a runtime: torch where there is a GPU, ONNX Runtime on CPUs.

Neither torch nor ONNX Runtime is imported before a runtime needs it: a worker that serves an
already exported network through ONNX Runtime saves torch's seconds and 400 MB.
"""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from inference.engine.forward_pass import Runtime
from inference.engine.package import Package

if TYPE_CHECKING:
    from inference.engine.onnx_runtime import OnnxRuntime


def choose_runtime(
    package: Package, *, onnx_path: Path | None = None, device: str = "auto"
) -> Runtime:
    """The fastest runtime here: torch on a GPU, ONNX Runtime on a CPU, numpy for trees.

    ``device`` is auto, cpu, cuda (any torch device) or torch-cpu. On a CPU the network is exported
    to ``onnx_path`` when that file does not exist yet (or is damaged, or of another version of
    this engine), and checked against torch; without an ``onnx_path``, to a temporary file. Raises
    PackageError when the weights do not fit or the exported network disagrees.
    """
    if is_numpy_only(package):
        from inference.engine.trees import load_pixel_trees

        return load_pixel_trees(package)
    if device == "auto":
        device = "cuda" if cuda_is_available() else "cpu"
    if device == "cpu":
        return _onnx_runtime(package, onnx_path)
    from inference.engine.torch_runtime import TorchRuntime

    return TorchRuntime(package, device="cpu" if device == "torch-cpu" else device)


def is_numpy_only(package: Package) -> bool:
    """Whether the model is no network: numpy answers on any device, and nothing is exported."""
    return package.architecture.name == "pixel_trees"


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


def _onnx_runtime(package: Package, onnx_path: Path | None) -> "OnnxRuntime":
    """The runtime of a network exported earlier, or exported and checked now."""
    from inference.engine.onnx_runtime import OnnxRuntime, StaleNetworkError

    if onnx_path is None:
        with tempfile.TemporaryDirectory() as folder:
            return OnnxRuntime(_exported(package, Path(folder) / "network.onnx"))
    if onnx_path.exists():
        try:
            return OnnxRuntime(onnx_path.read_bytes())
        except StaleNetworkError:
            pass  # exported anew below
    return OnnxRuntime(_exported(package, onnx_path))


def _exported(package: Package, path: Path) -> bytes:
    """Export beside the path, check, then rename: another process never sees half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        partial = Path(folder) / path.name
        export_onnx(package, partial)
        check_agreement(package, partial)
        return partial.replace(path).read_bytes()
