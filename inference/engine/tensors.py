"""The safetensors format, checked by hand with the standard library.

A file is an 8-byte little-endian length, a JSON header of that length, and the tensors' bytes
(https://huggingface.co/docs/safetensors, "Format").
"""

import json
import math
import re
from dataclasses import dataclass

from inference.engine.bundle_files import Content
from inference.engine.fields import PackageError

LONGEST_HEADER = 1 << 22  # twenty networks of 730 tensors need 2 MiB
MOST_DIMENSIONS = 8
LARGEST_NUMBER = 1 << 40
NAME = re.compile(r"[A-Za-z0-9_.-]{1,200}")
BYTES_OF = {"F16": 2, "BF16": 2, "F32": 4, "I64": 8, "I8": 1}
INTEGERS = frozenset({"I64", "I8"})
SCALE = ".scale"  # the name of an 8-bit tensor's scales ends so
PIECE = 1 << 20  # bytes looked at together
# 1 for each byte that may be the top byte of an infinity or NaN, by format; see IEEE 754.
ALL_ONES_F16 = bytes(int(value & 0x7C == 0x7C) for value in range(256))
ALL_ONES_F32 = bytes(int(value & 0x7F == 0x7F) for value in range(256))
TOP_BIT = bytes(value >> 7 for value in range(256))


@dataclass(frozen=True)
class TensorEntry:
    """Where one tensor lies: its dtype, shape, and the bytes from start to stop of the file."""

    dtype: str
    shape: tuple[int, ...]
    start: int
    stop: int


def read_tensor_index(content: Content) -> dict[str, TensorEntry]:
    """The tensors of a safetensors file by name.

    Raises PackageError where the file is cut off, its header is wrong, tensors overlap or leave
    gaps, or a value is infinite or not a number.
    """
    length = int.from_bytes(content[:8], "little")
    if len(content) < 8 or length > min(LONGEST_HEADER, len(content) - 8):
        raise PackageError("The package's weights are cut off or are not in safetensors format.")
    try:
        header = json.loads(content[8 : 8 + length])
        header.pop("__metadata__", None)
        entries = {_name(name): _entry(value, 8 + length) for name, value in header.items()}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise PackageError("The header of the package's weights is not valid.") from error
    _refuse_gaps(entries, 8 + length, len(content))
    for name, entry in entries.items():
        for start in range(entry.start, entry.stop, PIECE):
            if not _is_finite(entry.dtype, content[start : min(start + PIECE, entry.stop)]):
                raise PackageError(
                    f"The package's weights hold values that are no numbers, in {name}."
                )
    _refuse_missing_scales(entries)
    return entries


def _refuse_missing_scales(entries: dict[str, TensorEntry]) -> None:
    """An 8-bit tensor (out, …) is its integers times its scales, float32 (out,)."""
    for name, entry in entries.items():
        scale = entries.get(f"{name}{SCALE}")
        if entry.dtype == "I8" and (
            not scale or scale.dtype != "F32" or not scale.shape or scale.shape != entry.shape[:1]
        ):
            raise PackageError(f"The package's 8-bit weights {name} lack their scales.")


def _name(name: str) -> str:
    if not NAME.fullmatch(name):
        raise ValueError(name)
    return name


def _entry(value: dict[str, object], base: int) -> TensorEntry:
    dtype, shape, offsets = value["dtype"], value["shape"], value["data_offsets"]
    if not (isinstance(dtype, str) and isinstance(shape, list) and isinstance(offsets, list)):
        raise TypeError(dtype)
    if len(shape) > MOST_DIMENSIONS:  # the product of a million numbers takes minutes
        raise ValueError(len(shape))
    start, stop = offsets
    integers = [*shape, start, stop]
    if any(type(number) is not int or not 0 <= number < LARGEST_NUMBER for number in integers):
        raise ValueError(integers)
    if math.prod(shape) * BYTES_OF[dtype] != stop - start:
        raise ValueError(shape)
    return TensorEntry(dtype, tuple(shape), base + start, base + stop)


def _refuse_gaps(entries: dict[str, TensorEntry], start: int, stop: int) -> None:
    for entry in sorted(entries.values(), key=lambda entry: (entry.start, entry.stop)):
        if entry.start != start:
            raise PackageError("The tensors of the package's weights overlap or leave gaps.")
        start = entry.stop
    if start != stop or not entries:
        raise PackageError("The package's weights are cut off or hold more than their tensors.")


def _is_finite(dtype: str, content: bytes) -> bool:
    """Whether no value has all exponent bits set; 11 million values take a few milliseconds."""
    if dtype in INTEGERS:
        return True
    if dtype == "F16":
        return 1 not in content[1::2].translate(ALL_ONES_F16)
    width = BYTES_OF[dtype]
    high = content[width - 1 :: width].translate(ALL_ONES_F32)
    low = content[width - 2 :: width].translate(TOP_BIT)
    return not int.from_bytes(high, "little") & int.from_bytes(low, "little")
