"""A package's tensors as numpy arrays, without torch."""

import numpy as np
from numpy.typing import NDArray

from inference.engine.package import Package
from inference.engine.tensors import SCALE

DTYPES = {"F16": np.float16, "F32": np.float32, "I64": np.int64, "I8": np.int8}


def tensor_array(package: Package, name: str) -> NDArray[np.generic]:
    """One tensor; a floating one comes in single precision, whatever it is stored in."""
    entry = package.tensors[name]
    values = _array(package.tensor_bytes(entry), entry.dtype).reshape(entry.shape)
    if entry.dtype != "I8":
        return values
    scales = np.asarray(tensor_array(package, f"{name}{SCALE}"), dtype=np.float32)
    return values.astype(np.float32) * scales.reshape(-1, *[1] * (values.ndim - 1))


def named_shapes(package: Package) -> dict[str, tuple[int, ...]]:
    """The shape of each tensor; the scales of 8-bit tensors are no tensors of their own."""
    scales = {f"{name}{SCALE}" for name, entry in package.tensors.items() if entry.dtype == "I8"}
    return {name: entry.shape for name, entry in package.tensors.items() if name not in scales}


def tensor_arrays(package: Package, *, prefix: str = "") -> dict[str, NDArray[np.generic]]:
    """The tensors whose names begin with ``prefix``, by the rest of their name."""
    return {
        name.removeprefix(prefix): tensor_array(package, name)
        for name in named_shapes(package)
        if name.startswith(prefix)
    }


def _array(content: bytes, dtype: str) -> NDArray[np.generic]:
    if dtype == "BF16":
        # The upper half of a single-precision number.
        halves = np.frombuffer(content, dtype="<u2").astype(np.uint32)
        return (halves << 16).view(np.float32)
    values = np.frombuffer(content, dtype=np.dtype(DTYPES[dtype]).newbyteorder("<"))
    return values.astype(np.int64 if dtype == "I64" else np.float32)
