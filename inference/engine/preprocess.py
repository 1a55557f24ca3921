"""One way from an image file to the network's input, shared by training and service."""

from collections.abc import Sequence
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps

from inference.engine.package import Preprocessing

EXIF_ORIENTATION = 0x0112


class UnreadableImageError(Exception):
    """The file cannot be decoded; carries one sentence saying so."""


def load_image(source: Path | bytes | BinaryIO, size: int) -> NDArray[np.uint8]:
    """Decode an image to the network's square: uint8 (size, size, 3), sRGB, upright.

    A JPEG is decoded at the smallest of its built-in scales whose short side is still at least
    twice ``size``, so a camera's 12 megapixels cost little and the final resize still averages.
    Raises UnreadableImageError for anything Pillow cannot decode completely.
    """
    try:
        with Image.open(_opened(source)) as image:
            image.draft(None, (2 * size, 2 * size))
            image.load()
            upright = ImageOps.exif_transpose(_as_srgb(image))
            # Cropped first: a resize with a box would take in pixels from beyond its edge.
            square = upright.crop(centre_square(*upright.size)).resize(
                (size, size), Image.Resampling.BICUBIC
            )
            return np.asarray(square, dtype=np.uint8)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise UnreadableImageError(
            "The image file cannot be decoded: it is damaged or not an image."
        ) from error


def centre_square(width: int, height: int) -> tuple[int, int, int, int]:
    """The box (left, upper, right, lower) of the largest centred square, in pixels."""
    side = min(width, height)
    left, upper = (width - side) // 2, (height - side) // 2
    return left, upper, left + side, upper + side


def to_batch(
    images: Sequence[NDArray[np.uint8]], preprocessing: Preprocessing
) -> NDArray[np.float32]:
    """Stack uint8 (H, W, 3) images of one size into a normalised float32 (N, 3, H, W) batch."""
    mean = np.asarray(preprocessing.mean, dtype=np.float32) * 255
    scale = 1 / (np.asarray(preprocessing.std, dtype=np.float32) * 255)
    pixels = (np.stack(images).astype(np.float32) - mean) * scale
    return np.ascontiguousarray(pixels.transpose(0, 3, 1, 2))


def _opened(source: Path | bytes | BinaryIO) -> Path | BinaryIO:
    _register_heif()
    return BytesIO(source) if isinstance(source, bytes) else source


def _as_srgb(image: Image.Image) -> Image.Image:
    """Convert any mode to 8-bit RGB, through the embedded ICC profile where it is usable."""
    orientation = image.getexif().get(EXIF_ORIENTATION)
    profile = image.info.get("icc_profile")
    converted = _through_profile(image, profile) if profile else None
    if converted is None:
        converted = _to_rgb(image)
    if orientation:
        # Conversions drop the tag or keep it, by mode: set it, so that the image is turned once.
        converted.getexif()[EXIF_ORIENTATION] = orientation
    return converted


def _through_profile(image: Image.Image, profile: bytes) -> Image.Image | None:
    if image.mode not in {"RGB", "CMYK", "L"}:
        return None
    try:
        # Colour management with the default intent; a broken profile is no reason to refuse.
        converted: Image.Image | None = ImageCms.profileToProfile(
            image,
            ImageCms.ImageCmsProfile(BytesIO(profile)),
            _srgb_profile(),
            outputMode="RGB",
        )
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None
    return converted


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I;16") or image.mode == "I":
        sixteen_bit = np.asarray(image, dtype=np.int64)
        return Image.fromarray((sixteen_bit >> 8).clip(0, 255).astype(np.uint8)).convert("RGB")
    if image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info:
        rgba = image.convert("RGBA")
        white = Image.new("RGBA", rgba.size, "white")
        return Image.alpha_composite(white, rgba).convert("RGB")
    return image.convert("RGB")


@cache
def _srgb_profile() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


@cache
def _register_heif() -> None:
    """Let Pillow read phones' HEIC files where the plug-in is installed."""
    try:
        import pillow_heif
    except ImportError:
        return
    pillow_heif.register_heif_opener()
