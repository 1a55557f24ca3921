"""The same picture under two names: identical and nearly identical images.

A 256-bit difference hash (Krawetz 2013) finds candidates; a candidate counts when its 16 x 16
thumbnails differ little as well, because smooth skin alone gives many similar hashes.
"""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inference.training.image_cache import images_digest

HASH_BITS_APART = 20  # of 256
GREY_LEVELS_APART = 6.0  # root mean square of the thumbnails' difference, 0..255
BLOCK = 512


def cached_near_duplicates(
    paths: Mapping[str, Path], image_ids: Sequence[str], pixels: NDArray[np.uint8], *, folder: Path
) -> list[tuple[str, str]]:
    """The pairs of image ids that show the same picture, looked for once for each data set."""
    cache = folder / f"duplicates-{images_digest(paths, image_ids)}.json"
    if not cache.exists():
        pairs = [(image_ids[i], image_ids[j]) for i, j in find_near_duplicates(pixels)]
        partial = cache.with_suffix(f".{os.getpid()}.partial")
        partial.write_text(json.dumps(pairs) + "\n", encoding="utf-8")
        partial.replace(cache)
    return [(first, second) for first, second in json.loads(cache.read_text(encoding="utf-8"))]


def find_near_duplicates(images: NDArray[np.uint8]) -> list[tuple[int, int]]:
    """Index pairs (i < j) of the (N, H, W, 3) images that show the same picture."""
    thumbnails = np.concatenate(
        [_thumbnails(images[start : start + BLOCK]) for start in range(0, len(images), BLOCK)]
    )
    hashes = _difference_hashes(thumbnails)
    small = thumbnails[:, :, :16].reshape(len(images), -1)
    pairs: list[tuple[int, int]] = []
    for start in range(0, len(images), BLOCK):
        apart = _bits_apart(hashes[start : start + BLOCK], hashes[start:])
        for row, column in np.argwhere(apart <= HASH_BITS_APART):
            first, second = start + int(row), start + int(column)
            difference = small[first] - small[second]
            if first < second and np.sqrt(np.mean(difference**2)) <= GREY_LEVELS_APART:
                pairs.append((first, second))
    return pairs


def _thumbnails(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Grey (N, 16, 17) thumbnails by averaging areas."""
    grey = np.asarray(images, dtype=np.float32).mean(axis=3)
    rows = np.linspace(0, grey.shape[1], 17).astype(int)[:-1]
    columns = np.linspace(0, grey.shape[2], 18).astype(int)[:-1]
    sums = np.add.reduceat(np.add.reduceat(grey, rows, axis=1), columns, axis=2)
    heights = np.diff(np.append(rows, grey.shape[1]))[:, None]
    widths = np.diff(np.append(columns, grey.shape[2]))[None, :]
    thumbnails: NDArray[np.float32] = (sums / (heights * widths)).astype(np.float32)
    return thumbnails


def _difference_hashes(thumbnails: NDArray[np.float32]) -> NDArray[np.uint64]:
    """Four words an image: whether each pixel of 16 x 17 is brighter than its left neighbour."""
    brighter = thumbnails[:, :, 1:] > thumbnails[:, :, :-1]
    packed = np.packbits(brighter.reshape(len(thumbnails), -1), axis=1)
    return packed.view(np.uint64)


def _bits_apart(first: NDArray[np.uint64], second: NDArray[np.uint64]) -> NDArray[np.int64]:
    distance = np.zeros((len(first), len(second)), dtype=np.int64)
    for word in range(first.shape[1]):
        distance += np.bitwise_count(first[:, None, word] ^ second[None, :, word])
    return distance
