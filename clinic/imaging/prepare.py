"""From a received file to everything the record stores, in one decode."""

import hashlib
from dataclasses import dataclass
from typing import BinaryIO

from clinic.imaging.accepted import AcceptedImage
from clinic.imaging.guard import examine
from clinic.imaging.limits import DEFAULT_LIMITS, Limits
from clinic.imaging.renditions import THUMBNAIL_MEDIA_TYPE, thumbnail_of


@dataclass(frozen=True, slots=True)
class PreparedImage:
    """`content` is what to store, `sha256` its digest: the same picture with other metadata has
    the same one, so duplicates are found by it. `accepted.sha256` is of the file as received.
    """

    accepted: AcceptedImage
    content: bytes
    sha256: str
    thumbnail: bytes
    thumbnail_media_type: str = THUMBNAIL_MEDIA_TYPE


def prepare_upload(content: bytes | BinaryIO, *, limits: Limits = DEFAULT_LIMITS) -> PreparedImage:
    """Guard, de-identify and make the thumbnail. Raises `ImageRefused`."""
    examination = examine(content, limits=limits)
    clean = examination.container.clean
    return PreparedImage(
        accepted=examination.accepted,
        content=clean,
        sha256=hashlib.sha256(clean).hexdigest(),
        thumbnail=thumbnail_of(examination.picture, examination.container.orientation),
    )
