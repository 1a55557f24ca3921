"""The eight turns and reflections of a square image (the group D4), there and back."""

from collections.abc import Iterator
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

COUNT = 8
Scalar = TypeVar("Scalar", bound=np.generic)


def view_of(batch: NDArray[Scalar], index: int, *, back: bool = False) -> NDArray[Scalar]:
    """View number ``index`` of (N, C, H, W): turned by quarters, then mirrored if odd.

    ``back`` undoes it.
    """
    quarters, mirrored = divmod(index, 2)
    if back:
        upright = batch[..., ::-1] if mirrored else batch
        return np.rot90(upright, -quarters, axes=(2, 3))
    turned = np.rot90(batch, quarters, axes=(2, 3))
    return turned[..., ::-1] if mirrored else turned


def views_of(batch: NDArray[np.float32]) -> Iterator[NDArray[np.float32]]:
    """The eight views, each contiguous in memory; the first is the batch itself."""
    for index in range(COUNT):
        yield np.ascontiguousarray(view_of(batch, index))
