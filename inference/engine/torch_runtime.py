"""The network in torch: for GPUs, and as the reference that exports are checked against."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from inference.engine.allowed_models import ENSEMBLE
from inference.engine.architectures import NETWORK_KINDS, LesionClassifier
from inference.engine.ensembles import Ensemble, build_network
from inference.engine.forward_pass import ForwardPass
from inference.engine.package import FAMILIARITY_PREFIX, Package, PackageError
from inference.engine.weights import named_shapes, tensor_array


class TorchRuntime:
    """Channels-last inference; on a GPU in half precision, on a CPU in single precision."""

    def __init__(self, package: Package, *, device: str = "cpu") -> None:
        """Raises PackageError when the weights do not fit or give no finite answer."""
        self.device = torch.device(device)
        self.name = f"torch-{self.device.type}"
        self.batch_size = 8 if self.device.type == "cpu" else 32
        model = load_network(package).to(self.device)
        self._model = model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._precision = torch.float32
        if self.device.type != "cpu":
            self.half_precision(package.preprocessing.size)

    @torch.inference_mode()
    def forward(self, batch: NDArray[np.float32]) -> ForwardPass:
        images = torch.from_numpy(batch).to(self.device, memory_format=torch.channels_last)
        half = self._precision != torch.float32
        with torch.autocast(self.device.type, self._precision if half else None, enabled=half):
            outputs = self._model(images)
        return ForwardPass(*(output.float().cpu().numpy() for output in outputs))

    def half_precision(self, size: int) -> torch.dtype:
        """Answer in float16 from now on, or in bfloat16 where activations are too large for it.

        float16 is the more exact. It is tried on noise of the spread that normalised images have.
        """
        random = np.random.default_rng(0)
        probe = random.normal(size=(2, 3, size, size)).astype(np.float32)
        self._precision = torch.float16
        if not np.isfinite(self.forward(probe).logits).all():
            self._precision = torch.bfloat16
        return self._precision


def load_network(package: Package) -> LesionClassifier | Ensemble:
    """The package's network in single precision and evaluation mode, tried on a probe image.

    Raises PackageError when a tensor is missing, unknown or of the wrong shape, or when the
    answer to the probe is not finite.
    """
    refuse_what_is_no_network(package)
    model = build_network(package.architecture, classes=len(package.classes))
    tensors = model.packaged_tensors()
    expected = {name: tuple(value.shape) for name, value in tensors.items()}
    given = {
        name: shape
        for name, shape in named_shapes(package).items()
        if not name.startswith(FAMILIARITY_PREFIX)
    }
    for name in sorted(expected.keys() | given.keys()):
        if expected.get(name) != given.get(name):
            raise PackageError(
                f"The package's weights do not fit {package.architecture}: the tensor {name} "
                f"should be {_shape(expected.get(name))} and is {_shape(given.get(name))}."
            )
    with torch.no_grad():
        for name, value in tensors.items():
            value.copy_(torch.from_numpy(tensor_array(package, name)))
    model.eval()
    _refuse_infinite_answer(model, package.preprocessing.size)
    return model


def refuse_what_is_no_network(package: Package) -> None:
    """Raise PackageError where the package's model is of another kind than a torch network."""
    if package.architecture.name not in {*NETWORK_KINDS, ENSEMBLE}:
        raise PackageError(f"The model {package.architecture} is no network that torch can run.")


def _refuse_infinite_answer(model: nn.Module, size: int) -> None:
    with torch.inference_mode():
        logits, *_ = model(torch.zeros(1, 3, size, size))
    if not bool(logits.isfinite().all()):
        raise PackageError("The package's network gives no finite answer to a probe image.")


def _shape(shape: tuple[int, ...] | None) -> str:
    return "absent" if shape is None else " x ".join(map(str, shape)) or "a single number"
