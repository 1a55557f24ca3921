"""The network in torch: for GPUs, and as the reference that exports are checked against."""

import numpy as np
import torch
from numpy.typing import NDArray

from inference.engine.architectures import LesionClassifier, build_classifier
from inference.engine.forward_pass import ForwardPass
from inference.engine.package import FAMILIARITY_PREFIX, Package, PackageError
from inference.engine.weights import tensor_arrays


class TorchRuntime:
    """Channels-last inference, with float16 autocast on a GPU only."""

    def __init__(self, package: Package, *, device: str = "cpu") -> None:
        """Raises PackageError when the weights do not fit or give no finite answer."""
        self.device = torch.device(device)
        self.name = f"torch-{self.device.type}"
        self.batch_size = 8 if self.device.type == "cpu" else 32
        model = load_network(package).to(self.device)
        self._model = model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    @torch.inference_mode()
    def forward(self, batch: NDArray[np.float32]) -> ForwardPass:
        images = torch.from_numpy(batch).to(self.device, memory_format=torch.channels_last)
        with torch.autocast(self.device.type, torch.float16, enabled=self.device.type == "cuda"):
            outputs = self._model(images)
        return ForwardPass(*(output.float().cpu().numpy() for output in outputs))


def load_network(package: Package) -> LesionClassifier:
    """The package's network in single precision and evaluation mode, tried on a probe image.

    Raises PackageError when a tensor is missing, unknown or of the wrong shape, or when the
    answer to the probe is not finite.
    """
    model = build_classifier(package.architecture, classes=len(package.classes))
    expected = {name: tuple(value.shape) for name, value in model.network.state_dict().items()}
    given = {
        name: entry.shape
        for name, entry in package.tensors.items()
        if not name.startswith(FAMILIARITY_PREFIX)
    }
    for name in sorted(expected.keys() | given.keys()):
        if expected.get(name) != given.get(name):
            raise PackageError(
                f"The package's weights do not fit {package.architecture.name}: the tensor {name} "
                f"should be {_shape(expected.get(name))} and is {_shape(given.get(name))}."
            )
    arrays = tensor_arrays(package)
    model.network.load_state_dict({name: torch.from_numpy(arrays[name]) for name in expected})
    model.eval()
    with torch.inference_mode():
        logits, *_ = model(
            torch.zeros(1, 3, package.preprocessing.size, package.preprocessing.size)
        )
    if not bool(logits.isfinite().all()):
        raise PackageError("The package's network gives no finite answer to a probe image.")
    return model


def _shape(shape: tuple[int, ...] | None) -> str:
    return "absent" if shape is None else " x ".join(map(str, shape)) or "a single number"
