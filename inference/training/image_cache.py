"""Every image decoded once, as one array on disk that all later epochs read."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from inference.engine.preprocess import load_image


def cached_images(
    paths: Mapping[str, Path], image_ids: Sequence[str], *, size: int, folder: Path
) -> NDArray[np.uint8]:
    """The images in the order of ``image_ids`` as uint8 (N, size, size, 3), memory-mapped.

    Decoded by the same function as in service, in threads (Pillow lets go of the interpreter).
    The file's name covers ids, file sizes and image size, so other data make another file.
    """
    folder.mkdir(parents=True, exist_ok=True)
    cache = folder / f"images-{size}-{images_digest(paths, image_ids)}.npy"
    if not cache.exists():
        # Two runs may share the folder: each writes a file of its own, the last rename wins.
        partial = cache.with_suffix(f".{secrets.token_hex(4)}.partial.npy")
        shape = (len(image_ids), size, size, 3)
        pixels = np.lib.format.open_memmap(partial, mode="w+", dtype=np.uint8, shape=shape)

        def decode(index: int) -> None:
            pixels[index] = load_image(paths[image_ids[index]], size)

        with ThreadPoolExecutor() as pool:
            jobs = pool.map(decode, range(len(image_ids)))
            # disable=None: no bar where nobody watches.
            for _ in tqdm(jobs, "Decoding", len(image_ids), unit=" images", disable=None):
                pass
        pixels.flush()
        partial.replace(cache)
    array: NDArray[np.uint8] = np.load(cache, mmap_mode="r")
    return array


def images_digest(paths: Mapping[str, Path], image_ids: Sequence[str]) -> str:
    """A short name for these files in this order, by their ids and sizes."""
    content = hashlib.sha256()
    for image_id in image_ids:
        content.update(f"{image_id}:{paths[image_id].stat().st_size};".encode())
    return content.hexdigest()[:16]
