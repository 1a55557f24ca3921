"""PNG (W3C PNG third edition): chunks kept are copied with their checksums, the rest is left out.

Kept: what draws the picture and what says its colours. Left out: text, time, EXIF, XMP, private
chunks and whatever follows the end. An orientation other than upright is written back in an eXIf
chunk; the profile's name, which is free text, becomes `icc`.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from clinic.imaging.containers.container import Container
from clinic.imaging.containers.icc import is_icc_profile
from clinic.imaging.exif import ExifFacts, minimal_exif, read_exif
from clinic.imaging.limits import Limits
from clinic.imaging.refusals import ImageRefused, RefusalCode, damaged, truncated
from clinic.imaging.signatures import refuse_hidden_files

SIGNATURE = b"\x89PNG\r\n\x1a\n"
KEPT_AS_THEY_ARE = frozenset({b"PLTE", b"IDAT", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"cICP",
                              b"sBIT", b"pHYs"})  # fmt: skip
ANIMATION = frozenset({b"acTL", b"fcTL", b"fdAT"})
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_MAX_CHUNKS = 100_000


@dataclass(slots=True)
class _Walk:
    header: tuple[int, int, int] | None = None
    before_data: list[bytes] = field(default_factory=list)
    data: list[bytes] = field(default_factory=list)
    icc: bytes = b""
    exif: ExifFacts | None = None


def read_png(content: bytes, limits: Limits) -> Container:
    """Walk a PNG up to its end chunk. Raises `ImageRefused`."""
    walk = _Walk()
    end = len(SIGNATURE)
    for name, data_at, end in _chunks(content):
        _take_chunk(walk, name, content[data_at : end - 4], content[data_at - 8 : end], limits)
    refuse_hidden_files(content, end, kind="PNG")
    if walk.header is None or not walk.data:
        raise damaged("it holds no picture data")
    exif = walk.exif or ExifFacts()
    head = [SIGNATURE, walk.before_data[0], walk.icc, *walk.before_data[1:]]
    if exif.orientation != 1:
        head.append(_chunk(b"eXIf", minimal_exif(exif.orientation)))
    width, height, channels = walk.header
    return Container(
        format="PNG",
        width=width,
        height=height,
        channels=channels,
        orientation=exif.orientation,
        captured_at=exif.captured_at,
        has_icc=bool(walk.icc),
        clean=b"".join([*head, *walk.data, _chunk(b"IEND", b"")]),
    )


def _chunks(content: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Name, start of the data and end of each chunk, the end chunk included."""
    position = len(SIGNATURE)
    for _ in range(_MAX_CHUNKS):
        if position + 8 > len(content):
            raise truncated("PNG")
        length = int.from_bytes(content[position : position + 4], "big")
        name = content[position + 4 : position + 8]
        end = position + 12 + length
        if not name.isalpha() or not name.isascii():
            raise damaged("a part of it has no name")
        if end > len(content):
            raise truncated("PNG")
        yield name, position + 8, end
        if name == b"IEND":
            return
        position = end
    raise damaged("it has too many parts")


def _take_chunk(walk: _Walk, name: bytes, data: bytes, whole: bytes, limits: Limits) -> None:
    if walk.header is None and name != b"IHDR":
        raise damaged("its size is missing")
    if name == b"IHDR":
        if walk.header is not None:
            raise damaged("it states its size twice")
        walk.header = _header(data)
        walk.before_data.append(whole)
    elif name in ANIMATION:
        raise ImageRefused(
            "This PNG is animated: send a single still picture.", RefusalCode.ANIMATED
        )
    elif name in KEPT_AS_THEY_ARE:
        (walk.data if walk.data or name == b"IDAT" else walk.before_data).append(whole)
    elif name == b"iCCP" and not walk.icc and not walk.data:
        walk.icc = _icc_chunk(data, limits)
    elif name == b"eXIf" and walk.exif is None:
        walk.exif = read_exif(data)
    elif name[0] & 0x20 == 0 and name != b"IEND":
        raise damaged("it needs a part that no reader knows")
    elif name in {b"tEXt", b"iTXt"}:
        refuse_hidden_files(data, 0, kind="PNG")


def _header(data: bytes) -> tuple[int, int, int]:
    """Width, height and channels of an IHDR chunk."""
    if len(data) != 13:
        raise damaged("its size cannot be read")
    width, height, depth, colour, compression, filtering, interlace = struct.unpack(
        ">IIBBBBB", data
    )
    if colour not in _CHANNELS or compression or filtering or interlace > 1:
        raise damaged("its kind cannot be read")
    if depth == 16:
        raise ImageRefused(
            "This PNG has 16 bits a colour, more than screens and models read: "
            "export it with 8 bits.",
            RefusalCode.UNSUPPORTED_COLOURS,
        )
    if depth != 8:
        raise ImageRefused(
            f"This PNG has only {depth} bit{'s' if depth > 1 else ''} a pixel, too few shades for "
            "a photograph: export it in full colour.",
            RefusalCode.UNSUPPORTED_COLOURS,
        )
    return width, height, 4 if colour == 3 else _CHANNELS[colour]


def _icc_chunk(data: bytes, limits: Limits) -> bytes:
    """The profile's chunk under a neutral name, or nothing when it holds no whole profile."""
    name, separator, packed = data.partition(b"\x00")
    if not separator or len(name) > 79 or packed[:1] != b"\x00":
        return b""
    inflater = zlib.decompressobj()
    try:
        profile = inflater.decompress(packed[1:], limits.max_icc_bytes + 1)
    except zlib.error:
        return b""
    if len(profile) > limits.max_icc_bytes:
        raise ImageRefused(
            "This PNG unpacks to far more than a picture needs (its colour profile is a "
            "decompression bomb): export it again without that profile.",
            RefusalCode.BOMB,
        )
    if not inflater.eof or not is_icc_profile(profile, max_bytes=limits.max_icc_bytes):
        return b""
    stream = packed[1 : len(packed) - len(inflater.unused_data)]
    return _chunk(b"iCCP", b"icc\x00\x00" + stream)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
