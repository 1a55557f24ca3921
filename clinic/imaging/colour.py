"""Stored colours to the sRGB that screens and models expect."""

import io
from contextlib import suppress
from functools import lru_cache

from PIL import Image, ImageCms

_WHITE = (255, 255, 255)
_USELESS_PROFILE = (ImageCms.PyCMSError, OSError, ValueError, TypeError)


def to_srgb(image: Image.Image, icc_profile: bytes | None = None) -> Image.Image:
    """The picture as RGB in sRGB: transparency on white, its ICC profile applied.

    A profile that does not fit the picture's colours is left aside: its numbers are then taken as
    sRGB, as browsers do. Returns a new image unless it was plain RGB already.
    """
    image = flatten(image)
    profile = icc_profile if icc_profile is not None else image.info.get("icc_profile")
    transform = _transform(profile, image.mode) if isinstance(profile, bytes) else None
    if transform is not None:
        with suppress(*_USELESS_PROFILE):
            image = transform.apply(image)
    return image if image.mode == "RGB" else image.convert("RGB")


def flatten(image: Image.Image) -> Image.Image:
    """Any accepted mode to RGB or L; what shines through is white, as on a printed page."""
    if image.mode in {"RGB", "L"}:
        return image
    if image.mode in {"P", "PA", "LA"} or "transparency" in image.info:
        icc = image.info.get("icc_profile")
        image = image.convert("RGBA")
        if icc:
            image.info["icc_profile"] = icc
    if image.mode == "RGBA":
        ground = Image.new("RGB", image.size, _WHITE)
        ground.paste(image, mask=image.getchannel("A"))
        ground.info = {key: image.info[key] for key in ("icc_profile",) if key in image.info}
        return ground
    return image.convert("RGB")


@lru_cache(maxsize=8)
def _transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """The way from a profile to sRGB; None when it is sRGB already or is of no use.

    Cached because a clinic has a few cameras, and building one takes longer than a thumbnail.
    """
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "srgb" in ImageCms.getProfileDescription(source).lower():
            return None
        return ImageCms.buildTransform(
            source,
            ImageCms.createProfile("sRGB"),
            inMode=mode,
            outMode="RGB",
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        )
    except _USELESS_PROFILE:
        return None
