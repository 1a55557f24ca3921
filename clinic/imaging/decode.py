"""The only place where pixels are decoded.

Pillow is shown a file only after a container reader has checked its size and taken out everything
but the picture, so none of its metadata parsers ever meets what a stranger sent.

Memory: a JPEG is decoded at the scale asked for (libjpeg still reads every coded bit, so a cut
file is noticed); the other formats take `DECODE_BYTES_A_PIXEL`. Decodes above `LARGE_DECODE_BYTES`
wait for each other and are made small before the next one begins, so a process holds at most one
picture of `Limits.max_decode_bytes`, and `LARGE_DECODE_BYTES` for each other thread.
"""

import io
import threading
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from PIL import Image, ImageFile, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

from clinic.imaging.containers import Container
from clinic.imaging.limits import DECODE_BYTES_A_PIXEL
from clinic.imaging.refusals import ImageRefused, damaged, truncated

LARGE_DECODE_BYTES = 128 * 1024 * 1024

# Imported for their side effect: Image.open(formats=...) would otherwise load every plugin.
_PLUGINS = (JpegImagePlugin, PngImagePlugin, WebPImagePlugin)
_LOST_DATA_GREY = 128

_one_large_at_a_time = threading.Semaphore()


@dataclass(frozen=True, slots=True)
class Decoded:
    """`picture` is perhaps smaller than `size`, px of the whole; `mode` is as stored. Neither is
    oriented nor colour-managed."""

    picture: Image.Image
    size: tuple[int, int]
    mode: str


def decode(container: Container, *, at_least: int) -> Decoded:
    """Decode a checked file to the end, and keep of a large one no more than twice `at_least` px
    on the shorter side (never less than `at_least`). Raises `ImageRefused`."""
    with _turn(container):
        _require_strict_decoders()
        try:
            image = _open(container)
            size, mode = image.size, image.mode
            if container.format == "JPEG":
                image.draft(None, (at_least, at_least))
            image.load()
            if container.format == "JPEG" and _lost_its_lower_part(image):
                raise truncated("JPEG")
            return Decoded(_reduced(image, at_least), size, mode)
        except ImageRefused:
            raise
        except MemoryError:
            raise  # the server's trouble, not the file's
        except Exception as error:
            # A decoder may raise anything on hostile bytes; whatever it is, the file is at fault.
            raise _refusal(container, error) from error


def _require_strict_decoders() -> None:
    """One line anywhere in the process can switch off Pillow's check for cut files."""
    if ImageFile.LOAD_TRUNCATED_IMAGES:
        raise RuntimeError("PIL.ImageFile.LOAD_TRUNCATED_IMAGES is set: cut files would be stored")


def _open(container: Container) -> Image.Image:
    source = io.BytesIO(container.clean)
    if container.format == "HEIC":
        from pillow_heif import HeifImageFile

        image: Image.Image = HeifImageFile(source)  # type: ignore[no-untyped-call]
        if image.width * image.height > container.width * container.height:
            raise damaged("it states two sizes")
        return image
    image = Image.open(source, formats=[container.format])
    if image.size != (container.width, container.height):
        raise damaged("it states two sizes")
    return image


def _reduced(image: Image.Image, at_least: int) -> Image.Image:
    factor = min(image.size) // at_least
    if factor < 2:
        return image
    icc = image.info.get("icc_profile")
    if image.mode == "P" or "transparency" in image.info:
        image = image.convert("RGBA")
    smaller = image.reduce(factor)
    smaller.info = {"icc_profile": icc} if icc else {}
    return smaller


def _turn(container: Container) -> AbstractContextManager[object]:
    needed = container.width * container.height * DECODE_BYTES_A_PIXEL[container.format]
    return _one_large_at_a_time if needed > LARGE_DECODE_BYTES else nullcontext()


def _lost_its_lower_part(image: Image.Image) -> bool:
    """Where coded data end early but the end marker stands, libjpeg paints exact mid-grey blocks.

    A programme that repairs a cut file writes such files; no camera does.
    """
    width, height = image.size
    return _is_lost_grey(image.crop((0, height - 1, width, height))) and not _is_lost_grey(
        image.crop((0, 0, width, 1))
    )


def _is_lost_grey(row: Image.Image) -> bool:
    bands = row.getextrema()
    lost = (_LOST_DATA_GREY, _LOST_DATA_GREY)
    return bands == lost or set(bands) == {lost}


def _refusal(container: Container, error: Exception) -> ImageRefused:
    if "truncated" in str(error).lower() or isinstance(error, EOFError):
        return truncated("WebP" if container.format == "WEBP" else container.format)
    return damaged("its picture cannot be decoded")
