"""From a package's network to an ONNX file, and the check that both answer the same."""

import warnings
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from inference.engine.classifier import Classifier
from inference.engine.onnx_runtime import OnnxRuntime
from inference.engine.package import Package, PackageError
from inference.engine.torch_runtime import TorchRuntime, load_network

LARGEST_DIFFERENCE = 1e-4  # of a class probability, in single precision
PROBE_IMAGES = 4
OPSET = 18


def export_onnx(package: Package, path: Path) -> None:
    """Write the package's network with the input ``images`` (any batch size) and three outputs."""
    write_onnx(load_network(package), path, size=package.preprocessing.size)


def write_onnx(model: nn.Module, path: Path, *, size: int) -> None:
    """Write a network that maps images (N, 3, size, size) to logits, class maps and features."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            model,
            (torch.zeros(2, 3, size, size),),
            path,
            input_names=["images"],
            output_names=["logits", "class_maps", "features"],
            dynamic_shapes=({0: torch.export.Dim("images", min=1)},),
            opset_version=OPSET,
            external_data=False,
            dynamo=True,
            verbose=False,
        )


def check_agreement(package: Package, onnx_path: Path) -> float:
    """The largest difference of calibrated probabilities between torch and ONNX Runtime.

    Measured on skin-coloured images with a dark blot, in batches of one and of several. Raises
    PackageError when it exceeds 1e-4.
    """
    images = _probe_images(package.preprocessing.size)
    runtimes = (TorchRuntime(package), OnnxRuntime(onnx_path.read_bytes()))
    answers = [
        np.array(
            [
                list(answer.probabilities.values())
                for batch in (images, images[:1])
                for answer in Classifier(package, runtime).classify(batch)
            ]
        )
        for runtime in runtimes
    ]
    difference = float(np.abs(answers[0] - answers[1]).max())
    if not difference <= LARGEST_DIFFERENCE:
        raise PackageError(
            f"The exported network disagrees with the package by {difference:.1e} in a class "
            f"probability; at most {LARGEST_DIFFERENCE:.0e} is allowed."
        )
    return difference


def _probe_images(size: int) -> list[NDArray[np.uint8]]:
    """Blots of different size and colour on skin: plain noise would saturate the probabilities."""
    y, x = np.mgrid[-1 : 1 : size * 1j, -1 : 1 : size * 1j]
    skin = np.array((222.0, 170.0, 160.0))
    images = []
    for index in range(PROBE_IMAGES):
        shape = 1.0 + 0.3 * np.sin((3 + index) * np.arctan2(y, x))
        blot = np.exp(-((np.hypot(x, y) / (0.25 + 0.12 * index) / shape) ** 4))[..., None]
        colour = np.array((150.0 - 25 * index, 100.0 - 20 * index, 70.0 + 10 * index))
        images.append((skin * (1 - blot) + colour * blot).astype(np.uint8))
    return images
