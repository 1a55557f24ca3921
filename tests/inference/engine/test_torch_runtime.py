"""The torch runtime: which precision it takes on a GPU, tried here on a CPU's autocast."""

from pathlib import Path

import numpy as np
import pytest
import torch

from inference.engine.torch_runtime import TorchRuntime
from tests.inference.engine.networks import package_of, untrained_tensors

SIZE = 32
ARCHITECTURE = {"name": "resnet18", "arguments": {}}


@pytest.mark.parametrize(
    ("classifier_times", "precision"), [(1, torch.float16), (1e4, torch.bfloat16)]
)
def test_a_network_too_large_for_float16_is_run_in_bfloat16(
    classifier_times: float, precision: torch.dtype, tmp_path: Path
) -> None:
    tensors = untrained_tensors(ARCHITECTURE)
    tensors["fc.weight"] = torch.full_like(tensors["fc.weight"], classifier_times)
    runtime = TorchRuntime(package_of(tmp_path / "package", ARCHITECTURE, tensors, size=SIZE))
    assert runtime.half_precision(SIZE) == precision
    answer = runtime.forward(np.zeros((2, 3, SIZE, SIZE), dtype=np.float32))
    assert np.isfinite(answer.logits).all()


def test_on_a_cpu_single_precision_is_kept(tmp_path: Path) -> None:
    tensors = untrained_tensors(ARCHITECTURE)
    package = package_of(tmp_path / "package", ARCHITECTURE, tensors, size=SIZE)
    runtime = TorchRuntime(package)
    batch = np.random.default_rng(0).normal(size=(2, 3, SIZE, SIZE)).astype(np.float32)
    single = runtime.forward(batch).logits
    runtime.half_precision(SIZE)  # from here on as on a GPU
    rounded = runtime.forward(batch).logits
    assert 0 < np.abs(single - rounded).max() < 0.1
