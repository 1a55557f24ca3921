"""How much faster the CPU runtime serves than eager torch, and what ensembles and views cost.

Ratios within one run, the pieces in turns, so that a slow machine does not decide them:

    python -m benchmarks.serving_runtimes [--package inference/packages/resnet18] [--only NAME]

On a machine that is busy with other things, ``--cpu-time`` measures in one thread and by its own
CPU time; on two cores an image then takes a little more than half of what is said.

``eager`` is what a newcomer writes: ``model(images)`` in evaluation mode under ``no_grad``, in the
default memory format. ``tuned`` is the engine's torch runtime: ``inference_mode`` and
``channels_last``. ``onnx`` is the engine's CPU runtime. Other networks than the package's have
random weights: how long they take does not depend on them.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save

from benchmarks._in_turns import in_turns
from inference.engine.allowed_models import read_architecture
from inference.engine.classifier import Classifier
from inference.engine.ensembles import build_network
from inference.engine.fields import Fields
from inference.engine.onnx_runtime import OnnxRuntime
from inference.engine.package import Package, open_package, write_package
from inference.engine.runtime import export_onnx
from inference.engine.torch_runtime import TorchRuntime, load_network

PACKAGE = Path(__file__).parents[1] / "inference" / "packages" / "resnet18"
BATCH = 8
# What is measured beside the package itself: name, network, how many of it, image size in pixels.
MODELS = (
    ("densenet121_224", "densenet121", 1, 224),
    ("resnet18_192", "resnet18", 1, 192),
    ("three_resnet18_192", "resnet18", 3, 192),
    ("three_resnet18_224", "resnet18", 3, 224),
    ("three_densenet121_224", "densenet121", 3, 224),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--package", type=Path, default=PACKAGE)
    parser.add_argument("--cpu-time", action="store_true", help="one thread, by its CPU time")
    parser.add_argument("--only", action="append", help="a name of the results; may be repeated")
    options = parser.parse_args()
    torch.manual_seed(0)
    package = open_package(options.package)
    if options.cpu_time:
        torch.set_num_threads(1)
    result = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, packaged in {"package": lambda _: package, **_others(package)}.items():
            if not options.only or name in options.only:
                path = Path(folder) / f"{name}.zip"
                result[name] = serving(packaged(path), path, one_thread=options.cpu_time)
    sys.stdout.write(json.dumps(result, indent=1) + "\n")


def serving(package: Package, path: Path, *, one_thread: bool) -> dict[str, float]:
    """Milliseconds an image from its pixels to its answer, and how much faster than in torch."""
    exported = path.with_suffix(".onnx")
    export_onnx(package, exported)
    onnx = OnnxRuntime(exported.read_bytes(), threads=int(one_thread))
    eager, tuned = load_network(package), TorchRuntime(package)
    size = package.preprocessing.size
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (BATCH, size, size, 3), dtype=np.uint8)
    batch = random.normal(size=(BATCH, 3, size, size)).astype(np.float32)
    plain = torch.from_numpy(batch)

    def newcomer() -> None:
        with torch.no_grad():
            eager(plain)

    seconds = in_turns(
        {
            "onnx": lambda: onnx.forward(batch),
            "eager": newcomer,
            "tuned": lambda: tuned.forward(batch),
            "answer": lambda: _with("none", package, onnx).classify(list(images)),
            "eight_views": lambda: _with("d4", package, onnx).classify(list(images)),
        },
        clock=time.process_time if one_thread else time.perf_counter,
    )
    milliseconds = {
        f"{name}_milliseconds_per_image": round(1000 * taken / BATCH, 1)
        for name, taken in seconds.items()
    }
    return milliseconds | {
        "onnx_over_eager": round(seconds["eager"] / seconds["onnx"], 2),
        "onnx_over_tuned": round(seconds["tuned"] / seconds["onnx"], 2),
    }


def _with(augmentation: str, package: Package, onnx: OnnxRuntime) -> Classifier:
    metadata = replace(package.metadata, test_time_augmentation=augmentation)
    return Classifier(replace(package, metadata=metadata), onnx)


def _others(package: Package) -> dict[str, Callable[[Path], Package]]:
    """How to write the package of each of ``MODELS`` to a path."""

    def writer(network: str, count: int, size: int) -> Callable[[Path], Package]:
        return lambda path: _untrained(package, path, network, count, size)

    return {name: writer(network, count, size) for name, network, count, size in MODELS}


def _untrained(package: Package, path: Path, network: str, count: int, size: int) -> Package:
    """The package with other networks in it."""
    alone = {"name": network, "arguments": {}}
    members = [alone | {"weight": 1 / count}] * count
    architecture = {"name": "ensemble", "members": members} if count > 1 else alone
    document: dict[str, Any] = dict(package.metadata.document) | {
        "architecture": architecture,
        "out_of_distribution": None,
        "preprocessing": dict(package.metadata.document["preprocessing"]) | {"size": size},
    }
    named = read_architecture(Fields(architecture, "architecture"))
    tensors = build_network(named, classes=len(package.classes)).packaged_tensors()
    weights = save({name: value.contiguous().clone() for name, value in tensors.items()})
    return write_package(path, metadata=document, weights=weights, card="Random.", licence="None.")


if __name__ == "__main__":
    main()
