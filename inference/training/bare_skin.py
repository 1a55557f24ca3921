"""Skin without a lesion, cut from the corners of training images: what a lesion's image is not.

A dermoscopic image shows its lesion in the middle. The plainest of its four corners is mostly skin
around the lesion, and it is skin as these cameras see it.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pictures = NDArray[np.uint8]

CORNER = 0.375  # of the image's side
DARK = 90.0  # mean grey below which a corner is the ring of the dermatoscope, or too dark to tell
PLAINEST = 0.5  # of the corners; textured ones may hold hair, scales or part of a lesion


def bare_corners(pictures: Pictures, *, count: int, size: int) -> Pictures:
    """At most ``count`` images of skin, uint8 (M, size, size, 3), from (N, S, S, 3).

    Every second one is enlarged to the whole image, the others are mirrored to four times their
    area, so that neither blur nor symmetry is what all have in common.
    """
    corners = [corner for picture in pictures for corner in _plainest_corner(picture)]
    corners.sort(key=_texture)
    kept = corners[: max(1, int(len(corners) * PLAINEST))]
    some = np.linspace(0, len(kept) - 1, min(count, len(kept))).astype(int)
    images = [
        _enlarged(_mirrored(kept[place]) if number % 2 else kept[place], size)
        for number, place in enumerate(some)
    ]
    return np.stack(images) if images else np.empty((0, size, size, 3), dtype=np.uint8)


def _plainest_corner(picture: Pictures) -> Sequence[Pictures]:
    """The corner with the least texture that is not dark, or none."""
    side = round(len(picture) * CORNER)
    near, far = slice(0, side), slice(len(picture) - side, len(picture))
    corners = [picture[rows, columns] for rows in (near, far) for columns in (near, far)]
    bright = [corner for corner in corners if _grey(corner).min() > DARK]
    return sorted(bright, key=_texture)[:1]


def _grey(corner: Pictures) -> NDArray[np.float64]:
    """Mean grey of the corner's own four quarters, so that a dark edge is not averaged away."""
    half = len(corner) // 2
    quarters = [corner[:half, :half], corner[:half, half:], corner[half:, :half]]
    return np.array([quarter.mean() for quarter in [*quarters, corner[half:, half:]]])


def _texture(corner: Pictures) -> float:
    return float(corner.mean(axis=2).std())


def _mirrored(corner: Pictures) -> Pictures:
    wide = np.concatenate([corner, corner[:, ::-1]], axis=1)
    return np.concatenate([wide, wide[::-1]])


def _enlarged(picture: Pictures, size: int) -> Pictures:
    resized = Image.fromarray(picture).resize((size, size), Image.Resampling.BICUBIC)
    return np.asarray(resized)
