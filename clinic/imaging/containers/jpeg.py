"""JPEG (ITU-T T.81, JFIF 1.02): segments kept are copied byte for byte, the rest is left out.

Kept: frame, tables, scans, JFIF density, the ICC profile and Adobe's colour transform.
Left out: every other APPn (EXIF, XMP, IPTC, MPF, maker data), comments, whatever follows the end
of the picture. An orientation other than upright is written back as a 26-byte EXIF block.
"""

import re
import struct
from dataclasses import dataclass, field

from clinic.imaging.containers.container import Container
from clinic.imaging.containers.icc import is_icc_profile
from clinic.imaging.exif import ExifFacts, minimal_exif, read_exif
from clinic.imaging.limits import Limits
from clinic.imaging.refusals import ImageRefused, RefusalCode, damaged, truncated
from clinic.imaging.signatures import refuse_hidden_files

SOI, EOI, SOS, DHT, DQT, DRI, COM = 0xD8, 0xD9, 0xDA, 0xC4, 0xDB, 0xDD, 0xFE
APP0, APP1, APP2, APP14 = 0xE0, 0xE1, 0xE2, 0xEE
HUFFMAN_FRAMES = frozenset({0xC0, 0xC1, 0xC2})
OTHER_FRAMES = frozenset(range(0xC3, 0xD0)) - {DHT, 0xC8, 0xCC}

_ICC_TAG = b"ICC_PROFILE\x00"
_EXIF_TAG = b"Exif\x00\x00"
# In entropy-coded data FF 00 is a stuffed FF, FF D0..D7 a restart, FF FF a fill byte.
_SCAN_END = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_MARKER = re.compile(rb"\xff[^\x00\x01\xd0-\xd7\xff]")


@dataclass(slots=True)
class _Walk:
    """What has been met so far."""

    kept: list[bytes] = field(default_factory=list)
    icc: dict[int, bytes] = field(default_factory=dict)
    icc_parts: set[int] = field(default_factory=set)
    jfif: bytes = b""
    adobe: bytes = b""
    exif: ExifFacts | None = None
    frame: tuple[int, int, int] | None = None
    scans: int = 0


def read_jpeg(content: bytes, limits: Limits) -> Container:
    """Walk a JPEG up to its end-of-image marker. Raises `ImageRefused`."""
    walk = _Walk()
    end = _walk_segments(content, walk, limits)
    refuse_hidden_files(content, end, kind="JPEG")
    if walk.frame is None or walk.scans == 0:
        raise damaged("it holds no picture data")
    width, height, channels = walk.frame
    exif = walk.exif or ExifFacts()
    icc = _icc_segments(walk, limits)
    head = [b"\xff\xd8", walk.jfif]
    if exif.orientation != 1:
        head.append(_segment(APP1, _EXIF_TAG + minimal_exif(exif.orientation)))
    head += [*icc, walk.adobe]
    return Container(
        format="JPEG",
        width=width,
        height=height,
        channels=channels,
        orientation=exif.orientation,
        captured_at=exif.captured_at,
        has_icc=bool(icc),
        clean=b"".join([*head, *walk.kept, b"\xff\xd9"]),
    )


def _walk_segments(content: bytes, walk: _Walk, limits: Limits) -> int:
    """Sort every segment into `walk`; returns the offset just behind the end-of-image marker."""
    position = 2
    while True:
        position, marker = _next_marker(content, position)
        if marker == EOI:
            return position + 2
        if marker == SOI:
            raise damaged("a second picture begins inside the first")
        end = _segment_end(content, position)
        if marker == SOS:
            end = _scan_end(content, end)
            _take_scan(walk, content[position:end], limits)
        else:
            _take_segment(walk, marker, content[position + 4 : end])
        position = end


def _next_marker(content: bytes, position: int) -> tuple[int, int]:
    """Offset and value of the next marker; fill bytes and stray restarts carry nothing."""
    match = _MARKER.search(content, position)
    if match is None:
        raise truncated("JPEG")
    return match.start(), content[match.start() + 1]


def _segment_end(content: bytes, position: int) -> int:
    """Where the segment whose marker stands at `position` ends by its own account."""
    if position + 4 > len(content):
        raise truncated("JPEG")
    length = int.from_bytes(content[position + 2 : position + 4], "big")
    if length < 2:
        raise damaged("a segment has no length")
    if position + 2 + length > len(content):
        raise truncated("JPEG")
    return position + 2 + length


def _scan_end(content: bytes, start: int) -> int:
    """Where the entropy-coded data that begin at `start` end."""
    match = _SCAN_END.search(content, start)
    if match is None:
        raise truncated("JPEG")
    return match.start()


def _take_scan(walk: _Walk, scan: bytes, limits: Limits) -> None:
    if walk.frame is None:
        raise damaged("its picture data come before its size")
    walk.scans += 1
    if walk.scans > limits.max_scans:
        raise ImageRefused(
            f"This JPEG draws its picture in more than {limits.max_scans} passes, which no "
            "camera does: save it again as an ordinary JPEG.",
            RefusalCode.BOMB,
        )
    walk.kept.append(scan)


def _take_segment(walk: _Walk, marker: int, data: bytes) -> None:
    if marker in HUFFMAN_FRAMES:
        _take_frame(walk, marker, data)
    elif marker in OTHER_FRAMES:
        raise ImageRefused(
            "This JPEG is of a rare kind (lossless, hierarchical or arithmetic) that browsers "
            "cannot show: save it again as an ordinary JPEG.",
            RefusalCode.UNSUPPORTED_FORMAT,
        )
    elif marker in {DHT, DQT, DRI}:
        walk.kept.append(_segment(marker, data))
    elif marker == APP0 and data.startswith(b"JFIF\x00") and len(data) >= 12 and not walk.jfif:
        walk.jfif = _segment(APP0, data[:12] + b"\x00\x00")  # without its thumbnail
    elif marker == APP1 and data.startswith(_EXIF_TAG) and walk.exif is None:
        walk.exif = read_exif(data[len(_EXIF_TAG) :])
    elif marker == APP2 and data.startswith(_ICC_TAG) and len(data) > 14:
        walk.icc.setdefault(data[12], data[14:])
        walk.icc_parts.add(data[13])
    elif marker == APP14 and data.startswith(b"Adobe") and len(data) >= 12 and not walk.adobe:
        walk.adobe = _segment(APP14, data[:12])
    elif marker == COM:
        refuse_hidden_files(data, 0, kind="JPEG")


def _take_frame(walk: _Walk, marker: int, data: bytes) -> None:
    if walk.frame is not None:
        raise damaged("it states its size twice")
    if len(data) < 6 or len(data) != 6 + 3 * data[5]:
        raise damaged("its size cannot be read")
    precision, height, width, channels = struct.unpack_from(">BHHB", data)
    if precision != 8:
        raise ImageRefused(
            f"This JPEG has {precision} bits a colour, which browsers cannot show: "
            "export it with 8 bits.",
            RefusalCode.UNSUPPORTED_COLOURS,
        )
    if channels == 4:
        raise ImageRefused(
            "This JPEG is made for printing (CMYK colours), so its colours are no longer the "
            "camera's: export it as RGB.",
            RefusalCode.UNSUPPORTED_COLOURS,
        )
    if channels not in {1, 3} or width == 0 or height == 0:
        raise damaged("its size cannot be read")
    walk.frame = (width, height, channels)
    walk.kept.append(_segment(marker, data))


def _icc_segments(walk: _Walk, limits: Limits) -> list[bytes]:
    """The profile's segments in order, or none when they are not one whole profile (ICC.1 B.4)."""
    if not walk.icc or walk.icc_parts != {len(walk.icc)}:
        return []
    if sorted(walk.icc) != list(range(1, len(walk.icc) + 1)):
        return []
    parts = [walk.icc[number] for number in sorted(walk.icc)]
    if not is_icc_profile(b"".join(parts), max_bytes=limits.max_icc_bytes):
        return []
    return [
        _segment(APP2, _ICC_TAG + bytes([number, len(parts)]) + part)
        for number, part in enumerate(parts, start=1)
    ]


def _segment(marker: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data
