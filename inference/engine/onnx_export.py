"""From a package's network to an ONNX file, and the check that both answer the same."""

import warnings
from pathlib import Path

import numpy as np
import torch

from inference.engine.package import Package, PackageError
from inference.engine.torch_runtime import TorchRuntime, load_network

LARGEST_DIFFERENCE = 1e-4  # of a class probability, in single precision
PROBE_IMAGES = 4
OPSET = 18


def export_onnx(package: Package, path: Path) -> None:
    """Write the network with the input ``images`` (any batch size) and both outputs."""
    model = load_network(package)
    size = package.preprocessing.size
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            model,
            (torch.zeros(2, 3, size, size),),
            path,
            input_names=["images"],
            output_names=["logits", "class_maps"],
            dynamic_shapes=({0: torch.export.Dim("images", min=1)},),
            opset_version=OPSET,
            external_data=False,
            dynamo=True,
            verbose=False,
        )


def check_agreement(package: Package, onnx_path: Path) -> float:
    """The largest difference of calibrated probabilities between torch and ONNX Runtime.

    Measured on smooth random images, in batches of one and of several. Raises PackageError when
    it exceeds 1e-4.
    """
    from inference.engine.classifier import Classifier
    from inference.engine.onnx_runtime import OnnxRuntime

    size = package.preprocessing.size
    random = np.random.default_rng(0)
    coarse = random.uniform(0, 255, (PROBE_IMAGES, 8, 8, 3)).astype(np.uint8)
    images = [image.repeat(-(-size // 8), 0).repeat(-(-size // 8), 1) for image in coarse]
    images = [np.ascontiguousarray(image[:size, :size]) for image in images]
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
