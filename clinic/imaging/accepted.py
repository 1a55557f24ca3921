"""What the guard says about a file it lets in."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

ImageFormat = Literal["JPEG", "PNG", "WEBP", "HEIC"]

MEDIA_TYPES: dict[ImageFormat, str] = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "HEIC": "image/heic",
}

FILE_SUFFIXES: dict[ImageFormat, str] = {
    "JPEG": ".jpg",
    "PNG": ".png",
    "WEBP": ".webp",
    "HEIC": ".heic",
}


@dataclass(frozen=True, slots=True)
class QualityFinding:
    """One thing about a picture that a reader may stumble over. It never refuses the picture.

    `code` is stable, `sentence` is for the person who took it, `measured` is the number behind it.
    """

    code: str
    sentence: str
    measured: float


@dataclass(frozen=True, slots=True)
class AcceptedImage:
    """A file that is exactly one still picture, decoded once to the end.

    `width` and `height` are px as seen, after orientation. `mode` is Pillow's name for the colours
    as stored: RGB, L, P, LA or RGBA. `bytes` and `sha256` are of the file as received; the stored
    file is shorter and has its own (`PreparedImage.sha256`). `captured_at` is the camera's own
    clock, which has no time zone; None when it is missing or no date.
    """

    format: ImageFormat
    media_type: str
    width: int
    height: int
    mode: str
    bytes: int
    sha256: str
    captured_at: datetime | None
    has_icc: bool
    quality: tuple[QualityFinding, ...]

    @property
    def suffix(self) -> str:
        """The file name ending of the format found, whatever the file was called."""
        return FILE_SUFFIXES[self.format]
