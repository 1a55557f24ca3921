"""The only place where pixels are decoded.

Pillow is shown a file only after a container reader has checked its size and taken out everything
but the picture, so none of its metadata parsers ever meets what a stranger sent.

Memory: a JPEG is decoded at the scale asked for (libjpeg still reads every coded bit, so a cut
file is noticed), at most 4 bytes a decoded pixel, plus 6 bytes a pixel of the whole when it is
progressive. PNG takes 4 bytes a pixel, WebP and HEIC about 12. Decodes above `LARGE_DECODE_BYTES`
wait for each other, so a process holds one large picture at a time (at most 720 MB with the
default limits, for a 60-megapixel WebP or HEIC) and `LARGE_DECODE_BYTES` for each other thread.
"""

import io
import threading
from contextlib import AbstractContextManager, nullcontext

from PIL import Image, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

from clinic.imaging.accepted import ImageFormat
from clinic.imaging.containers import Container
from clinic.imaging.refusals import ImageRefused, damaged, truncated

LARGE_DECODE_BYTES = 128 * 1024 * 1024

# Imported for their side effect: Image.open(formats=...) would otherwise load every plugin.
_PLUGINS = (JpegImagePlugin, PngImagePlugin, WebPImagePlugin)
_PILLOW_NAMES: dict[ImageFormat, str] = {
    "JPEG": "JPEG",
    "PNG": "PNG",
    "WEBP": "WEBP",
    "HEIC": "HEIF",
}
_BYTES_A_PIXEL: dict[ImageFormat, int] = {"JPEG": 6, "PNG": 4, "WEBP": 12, "HEIC": 12}
_LOST_DATA_GREY = 128

_one_large_at_a_time = threading.Semaphore()


def decode(container: Container, *, at_least: int) -> Image.Image:
    """Decode a checked file to the end; a JPEG at the smallest scale whose shorter side is no less
    than `at_least` px. Not oriented, not colour-managed. Raises `ImageRefused`."""
    with _turn(container):
        try:
            return _decode(container, at_least)
        except ImageRefused:
            raise
        except MemoryError:
            raise  # the server's trouble, not the file's
        except Exception as error:
            raise _refusal(container, error) from error


def _decode(container: Container, at_least: int) -> Image.Image:
    image = Image.open(io.BytesIO(container.clean), formats=[_PILLOW_NAMES[container.format]])
    if image.size != (container.width, container.height):
        raise damaged("it states two sizes")
    if container.format == "JPEG":
        image.draft(None, (at_least, at_least))
    image.load()
    if container.format == "JPEG" and _lost_its_lower_part(image):
        raise truncated("JPEG")
    return image


def _turn(container: Container) -> AbstractContextManager[object]:
    needed = container.width * container.height * _BYTES_A_PIXEL[container.format]
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
        return truncated(container.format)
    return damaged("its picture cannot be decoded")
