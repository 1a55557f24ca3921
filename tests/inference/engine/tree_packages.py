"""Packages of trees with random splits, and the parts to bend them with."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

from inference.engine.package import Package, write_package
from tests.inference.engine.packages import metadata

SIDE, DEPTH, ROUNDS = 16, 3, 4
ARGUMENTS = {"side": SIDE, "depth": DEPTH, "rounds": ROUNDS}


def random_trees(classes: int) -> dict[str, NDArray[Any]]:
    """Tensors of trees that ask random pixels of a 32 pixel image for random values."""
    random = np.random.default_rng(3)
    shape, inner = (ROUNDS, classes), 2**DEPTH - 1
    return {
        "feature": random.integers(0, 3 * SIDE**2, (*shape, inner)),
        "threshold": random.uniform(0, 4 * 255, (*shape, inner)).astype(np.float32),
        "value": random.normal(0, 0.3, (*shape, 2 * inner + 1)).astype(np.float32),
    }


def write_tree_package(
    path: Path,
    tensors: dict[str, NDArray[Any]] | None = None,
    *,
    arguments: dict[str, Any] | None = None,
    size: int = 32,
    **changes: Any,
) -> Package:
    """A package of trees; raises PackageError where it cannot even be written."""
    preprocessing = {"size": size, "mean": [0.0] * 3, "std": [1.0] * 3, "crop": "centre_square"}
    architecture = {"name": "pixel_trees", "arguments": arguments or ARGUMENTS}
    own = {"architecture": architecture, "preprocessing": preprocessing}
    document = metadata(**own | changes)
    if tensors is None:
        tensors = random_trees(len(document["classes"]))
    return write_package(
        path, metadata=document, weights=save(tensors), card="# Trees", licence="CC0"
    )
