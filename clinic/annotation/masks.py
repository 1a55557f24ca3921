"""Masks at image size, as ISIC 2018 has them: 8-bit grey PNG, 255 inside, 0 outside.

A pixel is inside when its middle is. The PNG is written line by line, so that a mask of a picture
of any size costs the memory of one line.
"""

import re
import zlib
from collections.abc import Iterator, Sequence
from math import ceil
from struct import pack

from clinic.annotation.raster import Point, union_by_line
from clinic.annotation.vocabulary import LESION_BORDER

MEDIA_TYPE = "image/png"
LEVEL = 6  # of deflate: masks are long runs, higher levels gain nothing
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,79}")


def mask_name(*, stem: str, label: str) -> str:
    """`<stem>_segmentation.png` for the border (task 1), `<stem>_attribute_<label>.png` for the
    rest (task 2)."""
    part = "segmentation" if label == LESION_BORDER else f"attribute_{label}"
    return f"{stem}_{part}.png"


def file_stem(*, key: str, source_reference: str) -> str:
    """What files are named after: the image's name in its data set, if that can name a file."""
    return source_reference if _NAME.fullmatch(source_reference) else key


def mask_png(outlines: Sequence[Sequence[Point]], *, width: int, height: int) -> Iterator[bytes]:
    """The PNG of the union of these polygons (px), in pieces."""
    yield b"\x89PNG\r\n\x1a\n"
    yield _chunk(b"IHDR", pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    squeezed = zlib.compressobj(LEVEL)
    for line in mask_lines(outlines, width=width, height=height):
        if piece := squeezed.compress(b"\x00" + line):  # 0: the line is written as it is
            yield _chunk(b"IDAT", piece)
    yield _chunk(b"IDAT", squeezed.flush())
    yield _chunk(b"IEND", b"")


def mask_lines(outlines: Sequence[Sequence[Point]], *, width: int, height: int) -> Iterator[bytes]:
    """The mask from top to bottom, `width` bytes a line."""
    empty = bytes(width)
    for spans in union_by_line(outlines, [row + 0.5 for row in range(height)]):
        if not spans:
            yield empty
            continue
        line = bytearray(width)
        for start, end in spans:
            # Columns whose middle lies in [start, end).
            first, beyond = max(0, ceil(start - 0.5)), min(width, ceil(end - 0.5))
            if beyond > first:
                line[first:beyond] = b"\xff" * (beyond - first)
        yield bytes(line)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return pack(">I", len(content)) + kind + content + pack(">I", zlib.crc32(kind + content))
