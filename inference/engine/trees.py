"""Gradient-boosted trees on the pixels of a small image, answered in numpy alone.

A package of the architecture ``pixel_trees`` holds three tensors. Every tree is a complete binary
tree of the same depth: the children of node k are 2 k + 1 and 2 k + 2, the leaves come last.

- ``feature``, int64 (rounds, classes, 2 ** depth - 1): which pixel a node asks for, as an index
  into the image's colours and places (3, side, side);
- ``threshold``, float32 of the same shape: a pixel of at least this value goes to the right;
- ``value``, float32 (rounds, classes, 2 ** (depth + 1) - 1): what the tree adds to its class's
  logit at a leaf, and at an inner node the mean of that over the training images beneath it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.engine.forward_pass import ForwardPass
from inference.engine.metadata import Preprocessing
from inference.engine.package import FAMILIARITY_PREFIX, Package, PackageError
from inference.engine.weights import tensor_arrays

ARCHITECTURE = "pixel_trees"
MAP_SIDE = 8  # places a side of the class maps: single pixels would be speckle
LARGEST_LOGIT = 1e4


@dataclass(frozen=True)
class PixelTrees:
    """Trees in memory; a ``Runtime``. The arrays are those of the module's description."""

    feature: NDArray[np.int64]
    threshold: NDArray[np.float32]
    value: NDArray[np.float32]
    side: int
    preprocessing: Preprocessing
    name: str = "numpy-cpu"
    batch_size: int = 16

    @property
    def depth(self) -> int:
        return int(self.feature.shape[2]).bit_length()

    def forward(self, batch: NDArray[np.float32]) -> ForwardPass:
        """Answer normalised float32 (N, 3, size, size).

        A class map is the exact division of the logit among the image's places: each step down a
        tree changes what the tree expects, and the change goes to the pixel it asked for (Saabas,
        "Interpreting random forests", 2014). So, as with a network, a map's mean plus the class's
        bias (the sum of the trees' root values) is the logit. It tells where the trees looked; it
        is no proof of what they recognised there. Features are the pixels, 0 to 1.
        """
        pixels = block_sums(self._as_bytes(batch), self.side)
        steps, leaves = self._walk(pixels)
        logits = leaves.reshape(len(batch), *self.value.shape[:2]).sum(axis=1)
        largest = np.float32(255 * (self.preprocessing.size // self.side) ** 2)
        features = (pixels / largest).astype(np.float32)
        return ForwardPass(logits.astype(np.float32), self._class_maps(steps), features)

    def _as_bytes(self, batch: NDArray[np.float32]) -> NDArray[np.uint8]:
        """Undo the normalisation: whole numbers again, so that no threshold is met by rounding."""
        mean, std = (
            np.asarray(values, dtype=np.float32)[:, None, None]
            for values in (self.preprocessing.mean, self.preprocessing.std)
        )
        pixels: NDArray[np.float32] = np.rint((batch * std + mean) * 255)
        return pixels.clip(0, 255).astype(np.uint8)

    def _walk(
        self, pixels: NDArray[np.int32]
    ) -> tuple[list[tuple[NDArray[np.int64], NDArray[np.float64]]], NDArray[np.float64]]:
        """Walk all trees at once: (feature, change) of each step and leaf values, each (N, T)."""
        feature, threshold = self.feature.ravel(), self.threshold.ravel()
        value = self.value.ravel().astype(np.float64)
        trees = np.arange(self.value.shape[0] * self.value.shape[1])
        splits, values = trees * self.feature.shape[2], trees * self.value.shape[2]
        node = np.zeros((len(pixels), len(trees)), dtype=np.int64)
        here = value[values + node]
        steps = []
        for _ in range(self.depth):
            asked = feature[splits + node]
            right = np.take_along_axis(pixels, asked, axis=1) >= threshold[splits + node]
            node = 2 * node + 1 + right
            there = value[values + node]
            steps.append((asked, there - here))
            here = there
        return steps, here

    def _class_maps(
        self, steps: list[tuple[NDArray[np.int64], NDArray[np.float64]]]
    ) -> NDArray[np.float32]:
        """Add up each class's changes by place: (N, C, MAP_SIDE, MAP_SIDE)."""
        images, classes = len(steps[0][0]), self.value.shape[1]
        # The map of each image and class that a tree adds to, in the order of the trees.
        image = np.arange(images)[:, None] * classes
        target = image + np.arange(steps[0][0].shape[1]) % classes
        maps = np.zeros(images * classes * MAP_SIDE**2)
        for asked, change in steps:
            y, x = np.divmod(asked % self.side**2, self.side)
            place = y * MAP_SIDE // self.side * MAP_SIDE + x * MAP_SIDE // self.side
            index = (target * MAP_SIDE**2 + place).ravel()
            maps += np.bincount(index, weights=change.ravel(), minlength=len(maps))
        scaled = maps.reshape(images, classes, MAP_SIDE, MAP_SIDE) * MAP_SIDE**2
        return scaled.astype(np.float32)


def block_sums(images: NDArray[np.uint8], side: int) -> NDArray[np.int32]:
    """Shrink uint8 (N, 3, H, W) to (N, 3 * side * side) sums over blocks: whole numbers, exact."""
    block = images.shape[2] // side
    blocks = images.reshape(len(images), 3, side, block, side, block)
    sums: NDArray[np.int32] = blocks.sum(axis=(3, 5), dtype=np.int32)
    return sums.reshape(len(images), -1)


def load_pixel_trees(package: Package) -> PixelTrees:
    """The package's trees. Raises PackageError where they do not fit what the package says.

    After these checks no index leaves its array, and the work for an image is bounded by the
    package's size.
    """
    arguments = package.architecture.arguments
    side, depth, rounds = (int(arguments[name]) for name in ("side", "depth", "rounds"))
    if package.preprocessing.size % side or side % MAP_SIDE:
        raise PackageError(
            f"The package's trees want {side} pixels a side: that must be a multiple of "
            f"{MAP_SIDE} and divide the preprocessing's {package.preprocessing.size}."
        )
    shape, inner = (rounds, len(package.classes)), 2**depth - 1
    expected = {
        "feature": (("I64",), (*shape, inner)),
        "threshold": (("F16", "F32"), (*shape, inner)),
        "value": (("F16", "F32"), (*shape, 2 * inner + 1)),
    }
    given = {name for name in package.tensors if not name.startswith(FAMILIARITY_PREFIX)}
    for name in sorted(expected.keys() | given):
        entry, (dtypes, wanted) = package.tensors.get(name), expected.get(name, ((), ()))
        if entry is None or entry.dtype not in dtypes or entry.shape != wanted:
            raise PackageError(
                f"The package's weights do not fit {ARCHITECTURE}: the tensor {name} should be "
                f"{' x '.join(map(str, wanted)) or 'absent'} {' or '.join(dtypes)}.".strip()
            )
    arrays = tensor_arrays(package)
    feature = arrays["feature"].astype(np.int64)
    if feature.min() < 0 or feature.max() >= 3 * side**2:
        raise PackageError("The package's trees ask for a pixel that the image does not have.")
    value = arrays["value"].astype(np.float32)
    if np.abs(value).max(axis=2).sum(dtype=np.float64) > LARGEST_LOGIT:
        raise PackageError(f"The package's trees add up to more than {LARGEST_LOGIT:g}.")
    threshold = arrays["threshold"].astype(np.float32)
    return PixelTrees(feature, threshold, value, side, package.preprocessing)
