"""Packages of untrained networks, single ones and ensembles: real weights, meaningless answers."""

from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save

from inference.engine.allowed_models import read_architecture
from inference.engine.ensembles import build_network
from inference.engine.fields import Fields
from inference.engine.package import Package, write_package
from tests.inference.engine.packages import CLASSES, metadata


def untrained_tensors(architecture: dict[str, Any], *, seed: int = 0) -> dict[str, torch.Tensor]:
    """Random weights in half precision; the same seed gives the same."""
    torch.manual_seed(seed)
    network = build_network(
        read_architecture(Fields(architecture, "architecture")), classes=len(CLASSES)
    )
    return {
        name: (value.half() if value.is_floating_point() else value).contiguous()
        for name, value in network.packaged_tensors().items()
    }


def package_of(
    path: Path, architecture: dict[str, Any], tensors: dict[str, torch.Tensor], *, size: int = 64
) -> Package:
    preprocessing = {"size": size, "mean": [0.5] * 3, "std": [0.25] * 3, "crop": "centre_square"}
    document = metadata(architecture=architecture, preprocessing=preprocessing)
    return write_package(
        path, metadata=document, weights=save(tensors), card="# Untrained", licence="CC0"
    )
