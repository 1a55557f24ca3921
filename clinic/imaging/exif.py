"""The two facts that are taken from EXIF, and the one that is written back.

EXIF is a TIFF file inside an image (CIPA DC-008, TIFF 6.0). This reader looks up single tags at
bounded depth and gives up quietly: a camera's broken EXIF is no reason to refuse its picture.
"""

import re
import struct
from dataclasses import dataclass
from datetime import datetime

ORIENTATION = 0x0112
DATE_TIME_ORIGINAL = 0x9003
EXIF_IFD = 0x8769

_MAX_ENTRIES = 512
_DATE = re.compile(rb"(\d{4}):(\d\d):(\d\d)[ T](\d\d):(\d\d):(\d\d)")

_UPRIGHT = 1
_SIDEWAYS = frozenset({5, 6, 7, 8})


@dataclass(frozen=True, slots=True)
class ExifFacts:
    """`orientation` is 1 to 8 (1: as stored); `captured_at` is the camera's clock, zone unknown."""

    orientation: int = _UPRIGHT
    captured_at: datetime | None = None


def swaps_sides(orientation: int) -> bool:
    """Whether the picture as seen has its width and height exchanged."""
    return orientation in _SIDEWAYS


def read_exif(tiff: bytes) -> ExifFacts:
    """Orientation and capture time of a TIFF block (without the `Exif\\0\\0` prefix)."""
    try:
        return _read(tiff)
    except (struct.error, IndexError):
        return ExifFacts()


def minimal_exif(orientation: int) -> bytes:
    """A TIFF block that holds the orientation and nothing else, 26 bytes, always the same."""
    if orientation not in range(1, 9):
        raise ValueError(f"orientation is 1 to 8, not {orientation}")
    entry = struct.pack(">HHIHH", ORIENTATION, 3, 1, orientation, 0)
    return b"MM\x00\x2a" + struct.pack(">IH", 8, 1) + entry + bytes(4)


def _read(tiff: bytes) -> ExifFacts:
    order = {b"II\x2a\x00": "<", b"MM\x00\x2a": ">"}.get(tiff[:4])
    if order is None:
        return ExifFacts()
    (first_ifd,) = struct.unpack_from(order + "I", tiff, 4)
    main = _entries(tiff, order, first_ifd)
    orientation = _short(main.get(ORIENTATION), order)
    captured_at = None
    exif_pointer = _long(main.get(EXIF_IFD), order)
    if exif_pointer is not None:
        captured_at = _date(tiff, order, _entries(tiff, order, exif_pointer))
    return ExifFacts(
        orientation if orientation is not None and 1 <= orientation <= 8 else _UPRIGHT, captured_at
    )


def _entries(tiff: bytes, order: str, offset: int) -> dict[int, tuple[int, int, bytes]]:
    """Tag to (type, count, the four value bytes) of one image file directory."""
    (count,) = struct.unpack_from(order + "H", tiff, offset)
    found: dict[int, tuple[int, int, bytes]] = {}
    for index in range(min(count, _MAX_ENTRIES)):
        at = offset + 2 + 12 * index
        if at + 12 > len(tiff):
            break
        tag, kind, values = struct.unpack_from(order + "HHI", tiff, at)
        found.setdefault(tag, (kind, values, tiff[at + 8 : at + 12]))
    return found


def _short(entry: tuple[int, int, bytes] | None, order: str) -> int | None:
    if entry is None or entry[:2] != (3, 1):
        return None
    value: int = struct.unpack_from(order + "H", entry[2])[0]
    return value


def _long(entry: tuple[int, int, bytes] | None, order: str) -> int | None:
    if entry is None or entry[0] not in {4, 13} or entry[1] != 1:
        return None
    value: int = struct.unpack(order + "I", entry[2])[0]
    return value


def _date(tiff: bytes, order: str, exif: dict[int, tuple[int, int, bytes]]) -> datetime | None:
    entry = exif.get(DATE_TIME_ORIGINAL)
    if entry is None or entry[0] != 2 or not 19 <= entry[1] <= 64:
        return None
    (at,) = struct.unpack(order + "I", entry[2])
    match = _DATE.match(tiff, at)
    if match is None:
        return None
    try:
        return datetime(*map(int, match.groups()))  # type: ignore[arg-type]  # noqa: DTZ001 - no zone in EXIF 2.x
    except ValueError:
        return None
