"""How much a single upload may ask of the server."""

from dataclasses import dataclass

from clinic.imaging.accepted import ImageFormat

DECODE_BYTES_A_PIXEL: dict[ImageFormat, int] = {"JPEG": 6, "PNG": 5, "WEBP": 16, "HEIC": 8}
"""Memory a decode takes at its peak, measured with Pillow 13 and libheif 1.23 on 49 and 59
megapixels: a progressive JPEG 3.1 (6 where its colours are not subsampled), PNG 4.3, WebP 15.8
(Pillow holds four copies), HEIC 7.2. A baseline JPEG takes 0.3."""

PILLOW_WARNS_ABOVE = 89_478_485
"""`PIL.Image.MAX_IMAGE_PIXELS`: above it Pillow warns, and warnings are not thread-safe."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Caps on one file, all checked from its header before a pixel is decoded.

    `max_bytes`: of the received file. `max_pixels`: width x height. `max_aspect_ratio`: longer by
    shorter side. `min_side`: shorter side, px. `max_decode_bytes`: memory that decoding may take,
    by `DECODE_BYTES_A_PIXEL`. `max_expansion`: decoded bytes by file bytes, asked only of pictures
    above `expansion_free_pixels`, because a small plain picture compresses well and harms nobody.
    `max_scans`: of a progressive JPEG (cameras write about 10, an attack writes thousands).
    `max_icc_bytes`: of the colour profile once inflated.
    """

    max_bytes: int = 30 * 1024 * 1024
    max_pixels: int = 60_000_000
    max_aspect_ratio: float = 10.0
    min_side: int = 64
    max_decode_bytes: int = 512 * 1024 * 1024
    max_expansion: float = 250.0
    expansion_free_pixels: int = 16_000_000
    max_scans: int = 100
    max_icc_bytes: int = 1024 * 1024

    def __post_init__(self) -> None:
        if not 0 < self.max_pixels <= PILLOW_WARNS_ABOVE:
            raise ValueError(f"max_pixels must lie between 1 and {PILLOW_WARNS_ABOVE}")
        if self.max_bytes <= 0 or self.min_side <= 0 or self.max_aspect_ratio < 1:
            raise ValueError("max_bytes and min_side must be positive, max_aspect_ratio at least 1")


DEFAULT_LIMITS = Limits()
