"""What is let in: one still picture, whole, of a kind that everybody can show.

The order is the defence: bytes, then the content's own format, then the size it states, and only
then a decode, of a copy that holds nothing but the picture. The sender's file name and media type
are never looked at.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from PIL import Image

from clinic.imaging.accepted import MEDIA_TYPES, AcceptedImage, ImageFormat
from clinic.imaging.containers import Container
from clinic.imaging.containers.heic import read_heic
from clinic.imaging.containers.jpeg import read_jpeg
from clinic.imaging.containers.png import read_png
from clinic.imaging.containers.webp import read_webp
from clinic.imaging.decode import decode
from clinic.imaging.exif import swaps_sides
from clinic.imaging.limits import DECODE_BYTES_A_PIXEL, DEFAULT_LIMITS, Limits
from clinic.imaging.quality import assess_quality
from clinic.imaging.refusals import ImageRefused, RefusalCode
from clinic.imaging.signatures import identify, refuse_archive

DECODED_SIDE = 640
"""Shorter side, px, that is kept of a large picture: twice a thumbnail's 320."""

_READERS: dict[ImageFormat, Callable[[bytes, Limits], Container]] = {
    "JPEG": read_jpeg,
    "PNG": read_png,
    "WEBP": read_webp,
    "HEIC": read_heic,
}


@dataclass(frozen=True, slots=True)
class Examination:
    """The guard's answer with its working: the de-identified file, and the decoded picture (no
    less than `DECODED_SIDE` px on its shorter side unless it has fewer; not yet oriented)."""

    accepted: AcceptedImage
    container: Container
    picture: Image.Image


def inspect_image(content: bytes | BinaryIO, *, limits: Limits = DEFAULT_LIMITS) -> AcceptedImage:
    """Say what this file is, or raise `ImageRefused` with the sentence for its sender."""
    return examine(content, limits=limits).accepted


def examine(content: bytes | BinaryIO, *, limits: Limits = DEFAULT_LIMITS) -> Examination:
    """As `inspect_image`, keeping what was worked out on the way."""
    received = read_at_most(content, limits)
    container = read_container(received, limits)
    decoded = decode(container, at_least=DECODED_SIDE)
    sideways = swaps_sides(container.orientation)
    width, height = decoded.size
    accepted = AcceptedImage(
        format=container.format,
        media_type=MEDIA_TYPES[container.format],
        width=height if sideways else width,
        height=width if sideways else height,
        mode=decoded.mode,
        bytes=len(received),
        sha256=hashlib.sha256(received).hexdigest(),
        captured_at=container.captured_at,
        has_icc=container.has_icc,
        quality=assess_quality(decoded.picture, full_size=(width, height)),
    )
    return Examination(accepted, container, decoded.picture)


def read_container(content: bytes, limits: Limits) -> Container:
    """The file's own account of itself, with its size checked and no pixel decoded."""
    kind = identify(content)
    refuse_archive(content, kind)
    container = _READERS[kind](content, limits)
    _check_size(container, len(content), limits)
    return container


def read_at_most(content: bytes | BinaryIO, limits: Limits) -> bytes:
    """The whole content, reading no more than one byte beyond the limit."""
    received = content if isinstance(content, bytes) else content.read(limits.max_bytes + 1)
    if not received:
        raise ImageRefused(
            "This file is empty (0 bytes): choose the picture again.", RefusalCode.EMPTY
        )
    if len(received) > limits.max_bytes:
        raise ImageRefused(
            f"This file is larger than {limits.max_bytes / 1024**2:.0f} MB, the most that is "
            "accepted: export it as a JPEG of lower quality or smaller size.",
            RefusalCode.TOO_MANY_BYTES,
        )
    return received


def _check_size(container: Container, received_bytes: int, limits: Limits) -> None:
    width, height = container.width, container.height
    pixels, shorter, longer = width * height, min(width, height), max(width, height)
    size = f"{width:,} x {height:,} pixels"
    if pixels > limits.max_pixels:
        raise ImageRefused(
            f"This picture says it has {size}, more than the {limits.max_pixels / 1e6:.0f} million "
            "that are accepted: send it smaller.",
            RefusalCode.TOO_MANY_PIXELS,
        )
    if pixels * DECODE_BYTES_A_PIXEL[container.format] > limits.max_decode_bytes:
        raise ImageRefused(
            f"This picture has {size}, more than can be opened in its format: "
            "export it as a JPEG or send it smaller.",
            RefusalCode.TOO_MANY_PIXELS,
        )
    if shorter < limits.min_side:
        raise ImageRefused(
            f"This picture has only {size}, too few to judge a lesion by: send one with at least "
            f"{limits.min_side} pixels on each side.",
            RefusalCode.TOO_SMALL,
        )
    if longer > limits.max_aspect_ratio * shorter:
        raise ImageRefused(
            f"This picture is a narrow strip ({size}): crop it so that its longer side is at most "
            f"{limits.max_aspect_ratio:g} times the shorter.",
            RefusalCode.TOO_NARROW,
        )
    expansion = pixels * container.channels / received_bytes
    if pixels > limits.expansion_free_pixels and expansion > limits.max_expansion:
        raise ImageRefused(
            f"This file would unpack to {expansion:,.0f} times its size, which no photograph does "
            "(a decompression bomb): export the picture again.",
            RefusalCode.BOMB,
        )
