"""WebP (RFC 9649): the picture's chunks are copied, EXIF, XMP and unknown chunks are left out."""

import struct
from collections.abc import Iterator

from clinic.imaging.containers.container import Container
from clinic.imaging.containers.icc import is_icc_profile
from clinic.imaging.exif import ExifFacts, minimal_exif, read_exif
from clinic.imaging.limits import Limits
from clinic.imaging.refusals import ImageRefused, RefusalCode, damaged, truncated
from clinic.imaging.signatures import refuse_hidden_files

HAS_ICC, HAS_ALPHA, HAS_EXIF, HAS_ANIMATION = 0x20, 0x10, 0x08, 0x02
_MAX_CHUNKS = 10_000


def read_webp(content: bytes, limits: Limits) -> Container:
    """Walk a WebP file. Raises `ImageRefused`."""
    end = 8 + int.from_bytes(content[4:8], "little")
    if end > len(content):
        raise truncated("WebP")
    refuse_hidden_files(content, end, kind="WebP")
    chunks: dict[bytes, bytes] = {}
    for name, data in _chunks(content, end):
        if name in {b"ANIM", b"ANMF"}:
            raise ImageRefused(
                "This WebP picture is animated: send a single still picture.", RefusalCode.ANIMATED
            )
        chunks.setdefault(name, data)
    width, height, alpha = _picture(chunks)
    exif = ExifFacts()
    if b"EXIF" in chunks:
        exif = read_exif(chunks[b"EXIF"].removeprefix(b"Exif\x00\x00"))
    icc = chunks.get(b"ICCP", b"")
    if not is_icc_profile(icc, max_bytes=limits.max_icc_bytes):
        icc = b""
    return Container(
        format="WEBP",
        width=width,
        height=height,
        channels=4 if alpha else 3,
        orientation=exif.orientation,
        captured_at=exif.captured_at,
        has_icc=bool(icc),
        clean=_assemble(chunks, (width, height), icc, exif.orientation, alpha=alpha),
    )


def _chunks(content: bytes, end: int) -> Iterator[tuple[bytes, bytes]]:
    position = 12
    for _ in range(_MAX_CHUNKS):
        if position + 8 > end:
            return
        length = int.from_bytes(content[position + 4 : position + 8], "little")
        if position + 8 + length > end:
            raise truncated("WebP")
        yield content[position : position + 4], content[position + 8 : position + 8 + length]
        position += 8 + length + (length & 1)
    raise damaged("it has too many parts")


def _picture(chunks: dict[bytes, bytes]) -> tuple[int, int, bool]:
    """Width, height and whether there is transparency, from the coded picture's own header."""
    lossy, lossless = chunks.get(b"VP8 "), chunks.get(b"VP8L")
    if lossy is not None and len(lossy) >= 10 and lossy[3:6] == b"\x9d\x01\x2a":
        width, height = (value & 0x3FFF for value in struct.unpack_from("<HH", lossy, 6))
        alpha = b"ALPH" in chunks and b"VP8X" in chunks
    elif lossless is not None and len(lossless) >= 5 and lossless[0] == 0x2F:
        bits = int.from_bytes(lossless[1:5], "little")
        width, height = (bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1
        alpha = bool(bits >> 28 & 1)
    else:
        raise damaged("it holds no picture data")
    extended = chunks.get(b"VP8X")
    if extended is not None:
        canvas = tuple(int.from_bytes(extended[at : at + 3], "little") + 1 for at in (4, 7))
        if len(extended) != 10 or canvas != (width, height):
            raise damaged("it states two sizes")
    return width, height, alpha


def _assemble(
    chunks: dict[bytes, bytes], size: tuple[int, int], icc: bytes, orientation: int, *, alpha: bool
) -> bytes:
    """The simple file where that is enough, else the extended one, in the order of section 2.7."""
    exif = minimal_exif(orientation) if orientation != 1 else b""
    lossy = b"VP8 " in chunks
    body = []
    if icc or exif or (alpha and lossy):
        flags = (HAS_ICC if icc else 0) | (HAS_ALPHA if alpha else 0) | (HAS_EXIF if exif else 0)
        sides = b"".join((side - 1).to_bytes(3, "little") for side in size)
        body.append(_chunk(b"VP8X", bytes([flags, 0, 0, 0]) + sides))
    if icc:
        body.append(_chunk(b"ICCP", icc))
    if alpha and lossy:
        body.append(_chunk(b"ALPH", chunks[b"ALPH"]))
    picture = b"VP8 " if lossy else b"VP8L"
    body.append(_chunk(picture, chunks[picture]))
    if exif:
        body.append(_chunk(b"EXIF", exif))
    payload = b"WEBP" + b"".join(body)
    return b"RIFF" + struct.pack("<I", len(payload)) + payload


def _chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + b"\x00" * (len(data) & 1)
