"""Weights stored in eight bits: half the size, nearly the same answers, refused without scales."""

import numpy as np
import pytest
import torch

from inference.engine.package import Package, PackageError, open_package
from inference.engine.torch_runtime import TorchRuntime
from inference.engine.weights import named_shapes, tensor_array
from inference.training.compact import in_eight_bits
from tests.inference.engine.networks import package_of, untrained_tensors
from tests.inference.engine.packages import contents, safetensors, zipped

RESNET = {"name": "resnet18", "arguments": {}}


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> tuple[Package, Package]:
    """The same network in half precision and in eight bits."""
    folder, tensors = tmp_path_factory.mktemp("packages"), untrained_tensors(RESNET)
    return (
        package_of(folder / "half", RESNET, tensors),
        package_of(folder / "compact", RESNET, in_eight_bits(tensors)),
    )


def test_eight_bits_halve_a_package(packages: tuple[Package, Package]) -> None:
    half, compact = (len(package.weights()) for package in packages)
    assert compact < 0.51 * half


def test_each_weight_is_restored_to_a_half_step_of_its_channel(
    packages: tuple[Package, Package],
) -> None:
    half, compact = packages
    assert named_shapes(compact) == named_shapes(half)
    for name in named_shapes(half):
        exact, restored = tensor_array(half, name), tensor_array(compact, name)
        rows = exact.reshape(len(exact), -1) if exact.ndim > 1 else exact.reshape(1, -1)
        step = np.abs(rows).max(axis=1) / 127 if exact.ndim > 1 else np.zeros(1)
        error = np.abs(restored.reshape(rows.shape) - rows).max(axis=1)
        assert (error <= step * 0.5001 + 1e-12).all(), name


def test_answers_hardly_change(packages: tuple[Package, Package]) -> None:
    torch.manual_seed(0)
    batch = torch.randn(2, 3, 64, 64).numpy()
    half, compact = (TorchRuntime(package).forward(batch).logits for package in packages)
    assert not np.array_equal(half, compact)
    assert np.abs(half - compact).max() < 0.05 * np.abs(half).max()


@pytest.mark.parametrize(
    "scale",
    [
        {},
        {"fc.weight.scale": ("F32", [3], b"\0" * 12)},
        {"fc.weight.scale": ("F16", [2], b"\0" * 4)},
        {"fc.weight.scale": ("F32", [], b"\0" * 4)},
    ],
    ids=["none", "too many", "half precision", "a single number"],
)
def test_eight_bit_weights_without_their_scales_are_refused(
    scale: dict[str, tuple[str, list[int], bytes]],
) -> None:
    weights = safetensors({"fc.weight": ("I8", [2, 2], b"\1\2\3\4"), **scale})
    with pytest.raises(PackageError, match="lack their scales"):
        open_package(zipped(contents(weights=weights)))
