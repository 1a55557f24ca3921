"""What every reader hands back."""

from dataclasses import dataclass
from datetime import datetime

from clinic.imaging.accepted import ImageFormat


@dataclass(frozen=True, slots=True)
class Container:
    """A file's own account of its picture.

    `width`, `height`: px as coded, before orientation. `orientation`: EXIF 1 to 8. `channels`:
    samples a pixel once decoded. `clean`: the same coded picture without metadata, ready to store.
    """

    format: ImageFormat
    width: int
    height: int
    channels: int
    orientation: int
    captured_at: datetime | None
    has_icc: bool
    clean: bytes
