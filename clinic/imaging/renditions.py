"""Pictures made for screens: small, upright, in sRGB, and without any metadata.

They are copies to look at. The record is the stored file, whose pixels nothing here touches.
"""

import io
import math
from typing import Any

from PIL import Image

from clinic.imaging.colour import to_srgb
from clinic.imaging.decode import decode
from clinic.imaging.guard import read_container
from clinic.imaging.limits import DEFAULT_LIMITS

THUMBNAIL_SIDE = 320
THUMBNAIL_MEDIA_TYPE = "image/webp"
RENDITION_SIDE = 1600
RENDITION_MEDIA_TYPE = "image/jpeg"
RENDITION_SUFFIX = ".jpg"

# At this size WebP is 60 % of JPEG's bytes; method 1 takes 1.5 ms, the default 4 takes 10.
_AS_THUMBNAIL: dict[str, Any] = {"format": "WEBP", "quality": 80, "method": 1}
_AS_RENDITION: dict[str, Any] = {"format": "JPEG", "quality": 90}

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def make_thumbnail(content: bytes, size: int = THUMBNAIL_SIDE) -> bytes:
    """A WebP whose longer side is at most `size` px. Raises `ImageRefused` on no picture."""
    return _make(content, size, _AS_THUMBNAIL)


def make_rendition(content: bytes, longest: int = RENDITION_SIDE) -> bytes:
    """A JPEG for the screen whose longer side is at most `longest` px."""
    return _make(content, longest, _AS_RENDITION)


def thumbnail_of(picture: Image.Image, orientation: int, size: int = THUMBNAIL_SIDE) -> bytes:
    """As `make_thumbnail`, of a picture that is decoded already (not yet oriented)."""
    return _encode(_upright(_fit(picture, size), orientation), _AS_THUMBNAIL)


def _make(content: bytes, longest: int, form: dict[str, Any]) -> bytes:
    container = read_container(content, DEFAULT_LIMITS)
    shorter, longer = sorted((container.width, container.height))
    decoded = decode(container, at_least=max(1, math.ceil(longest * shorter / longer)))
    return _encode(_upright(_fit(decoded.picture, longest), container.orientation), form)


def _fit(picture: Image.Image, longest: int) -> Image.Image:
    """Shrunk to `longest` and in sRGB; never enlarged."""
    icc = picture.info.get("icc_profile")
    if picture.mode not in {"RGB", "L"}:
        picture = to_srgb(picture)
        icc = None
    scale = longest / max(picture.size)
    if scale < 1:
        width, height = (max(1, round(side * scale)) for side in picture.size)
        picture = picture.resize((width, height), Image.Resampling.BICUBIC, reducing_gap=2.0)
    return to_srgb(picture, icc)


def _upright(picture: Image.Image, orientation: int) -> Image.Image:
    turn = _TURNS.get(orientation)
    return picture if turn is None else picture.transpose(turn)


def _encode(picture: Image.Image, form: dict[str, Any]) -> bytes:
    picture.info = {}  # what Pillow would write into the file
    buffer = io.BytesIO()
    picture.save(buffer, **form)
    return buffer.getvalue()
