"""What a file is by its first bytes, and whether a second file hides in or behind the first.

A name and a media type are only what the sender says; nothing here looks at them.
"""

import codecs
import re
from typing import Literal, NamedTuple

from clinic.imaging.accepted import ImageFormat
from clinic.imaging.refusals import ACCEPTED_FORMATS, ImageRefused, RefusalCode


class _Signature(NamedTuple):
    magic: bytes
    offset: int
    name: str


# Programs, archives and documents: somebody renamed them, or was tricked into it.
_DISGUISED = (
    _Signature(b"MZ", 0, "a Windows program"),
    _Signature(b"\x7fELF", 0, "a Linux program"),
    _Signature(b"\xfe\xed\xfa", 0, "a macOS program"),
    _Signature(b"\xcf\xfa\xed\xfe", 0, "a macOS program"),
    _Signature(b"\xce\xfa\xed\xfe", 0, "a macOS program"),
    _Signature(b"\xca\xfe\xba\xbe", 0, "a Java or macOS program"),
    _Signature(b"#!", 0, "a script"),
    _Signature(b"PK\x03\x04", 0, "a ZIP archive or an Office document"),
    _Signature(b"PK\x05\x06", 0, "an empty ZIP archive"),
    _Signature(b"Rar!\x1a\x07", 0, "a RAR archive"),
    _Signature(b"7z\xbc\xaf\x27\x1c", 0, "a 7-Zip archive"),
    _Signature(b"\x1f\x8b\x08", 0, "a gzip archive"),
    _Signature(b"%PDF-", 0, "a PDF document"),
    _Signature(b"%!PS", 0, "a PostScript document"),
    _Signature(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0, "an old Office document"),
    _Signature(b"{\\rtf", 0, "a text document (RTF)"),
)

# Pictures and films that are honest but not taken.
_UNSUPPORTED = (
    _Signature(b"GIF8", 0, "a GIF, which has too few colours and may move"),
    _Signature(b"DICM", 128, "a DICOM file"),
    _Signature(b"II*\x00", 0, "a TIFF or a camera's raw file"),
    _Signature(b"MM\x00*", 0, "a TIFF or a camera's raw file"),
    _Signature(b"FUJIFILMCCD-RAW", 0, "a camera's raw file"),
    _Signature(b"BM", 0, "a Windows bitmap"),
    _Signature(b"\x00\x00\x01\x00", 0, "a Windows icon"),
    _Signature(b"8BPS", 0, "a Photoshop file"),
    _Signature(b"\xff\x0a", 0, "a JPEG XL picture"),
    _Signature(b"\x00\x00\x00\x0cJXL ", 0, "a JPEG XL picture"),
    _Signature(b"\x00\x00\x00\x0cjP  ", 0, "a JPEG 2000 picture"),
    _Signature(b"\xff\x4f\xff\x51", 0, "a JPEG 2000 picture"),
    _Signature(b"ftypavif", 4, "an AVIF picture"),
    _Signature(b"ftypavis", 4, "an AVIF film"),
    _Signature(b"ftypqt", 4, "a QuickTime film"),
    _Signature(b"ftypisom", 4, "an MP4 film"),
    _Signature(b"ftypmp4", 4, "an MP4 film"),
    _Signature(b"\x1a\x45\xdf\xa3", 0, "a Matroska or WebM film"),
)

_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_SVG = re.compile(rb"<svg[\s>]", re.IGNORECASE)
_MARKUP = re.compile(rb"<(!doctype|html|script|head|body|\?xml|\?php)", re.IGNORECASE)

# Behind or inside a picture: what a browser or a shell would make of these bytes on their own.
_HIDDEN = (
    (re.compile(rb"<(?:!doctype\s+html|html[\s>]|script[\s>]|svg[\s>]|iframe[\s>])", re.IGNORECASE),
     "a web page"),
    (re.compile(rb"<\?php|__HALT_COMPILER"), "a PHP program"),
    (re.compile(rb"%PDF-\d"), "a PDF document"),
    (re.compile(rb"Rar!\x1a\x07"), "a RAR archive"),
    (re.compile(rb"7z\xbc\xaf\x27\x1c"), "a 7-Zip archive"),
    (re.compile(rb"\A[\x00\s]*(?:MZ|\x7fELF)"), "a program"),
    (re.compile(rb"\A[\x00\s]*PK\x03\x04"), "a ZIP archive"),
)  # fmt: skip
_ZIP_END = b"PK\x05\x06"
_ZIP_END_BYTES = 22
_ZIP_SEARCH_BYTES = _ZIP_END_BYTES + 0xFFFF


def identify(content: bytes) -> ImageFormat:
    """The format of a file by its content. Raises `ImageRefused` naming what was found instead."""
    if content.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "WEBP"
    if content[4:8] == b"ftyp" and _is_heic(content):
        return "HEIC"
    raise _refusal(content)


def refuse_hidden_files(
    content: bytes, start: int, *, kind: Literal["JPEG", "PNG", "WebP", "HEIC"]
) -> None:
    """Refuse a picture behind whose end (`start`) another kind of file begins.

    Cameras and phones do write behind the end: second pictures, films, padding. Those are left
    out when the file is stored. A document or a program there was put there on purpose.
    """
    if start >= len(content):
        return
    behind = content[start:]
    for hidden, name in _HIDDEN:
        if hidden.search(behind):
            raise _polyglot(kind, name)


def refuse_archive(content: bytes, kind: str) -> None:
    """Refuse a file that ZIP programs would open too, wherever in it the archive lies."""
    if _ends_as_zip(content):
        raise _polyglot(kind, "a ZIP archive")


def _polyglot(kind: str, hidden: str) -> ImageRefused:
    return ImageRefused(
        f"This {kind} picture hides {hidden} inside the same file: "
        "export the picture alone and send that.",
        RefusalCode.POLYGLOT,
    )


def _is_heic(content: bytes) -> bool:
    size = int.from_bytes(content[:4], "big")
    brands = content[8 : min(size, 256)]
    listed = {brands[at : at + 4] for at in range(0, len(brands), 4)}
    if brands[:4] in {b"avif", b"avis"} or listed & {b"avif", b"avis"}:
        return False
    return bool(listed & set(_HEIC_BRANDS))


def _ends_as_zip(content: bytes) -> bool:
    """Whether ZIP programs would open this file: their directory's end lies at the file's end."""
    at = content.rfind(_ZIP_END, max(0, len(content) - _ZIP_SEARCH_BYTES))
    while at >= 0:
        comment = int.from_bytes(content[at + 20 : at + 22], "little")
        if at + _ZIP_END_BYTES + comment == len(content):
            return True
        at = content.rfind(_ZIP_END, max(0, len(content) - _ZIP_SEARCH_BYTES), at)
    return False


def _refusal(content: bytes) -> ImageRefused:
    for signature in _DISGUISED:
        if content.startswith(signature.magic, signature.offset):
            return ImageRefused(
                f"This file is {signature.name}, not a picture, whatever its name says: "
                f"{ACCEPTED_FORMATS}.",
                RefusalCode.DISGUISED,
            )
    head = content[:1024]
    if _SVG.search(head):
        return _unsupported("a drawing (SVG)")
    for signature in _UNSUPPORTED:
        if content.startswith(signature.magic, signature.offset):
            return _unsupported(signature.name)
    if _MARKUP.search(head):
        return ImageRefused(
            f"This file is a web page or a script, not a picture: {ACCEPTED_FORMATS}.",
            RefusalCode.DISGUISED,
        )
    if _is_text(head):
        return ImageRefused(
            f"This file is text, not a picture: {ACCEPTED_FORMATS}.", RefusalCode.NOT_AN_IMAGE
        )
    return ImageRefused(
        f"No picture was found in this file: {ACCEPTED_FORMATS}.", RefusalCode.NOT_AN_IMAGE
    )


def _unsupported(what: str) -> ImageRefused:
    return ImageRefused(
        f"This file is {what}: {ACCEPTED_FORMATS}, so export it as one of them.",
        RefusalCode.UNSUPPORTED_FORMAT,
    )


def _is_text(head: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)  # its last letter may be cut
    except UnicodeDecodeError:
        return False
    return not any(byte < 9 or 13 < byte < 32 for byte in head)
