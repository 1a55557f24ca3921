"""HEIC."""

from clinic.imaging.containers.container import Container
from clinic.imaging.limits import Limits
from clinic.imaging.refusals import ImageRefused, RefusalCode


def read_heic(content: bytes, limits: Limits) -> Container:
    """Walk a HEIC file. Raises `ImageRefused`."""
    raise ImageRefused(
        "This HEIC picture cannot be taken yet: export it as a JPEG.",
        RefusalCode.UNSUPPORTED_FORMAT,
    )
