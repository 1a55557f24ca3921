"""A few numbers an image, of the picture that the network is given: what drifts is seen in them."""

from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

# Small enough to cost nothing beside a forward pass, and one size for networks of every input: an
# edge is as sharp at 224 px as at 300 px only once both are this small.
SIDE = 96
FRAME = SIDE // 10
DARK = 0.15
FLAT = 1e-6


@dataclass(frozen=True)
class ImageStatistics:
    """Of one picture.

    ``brightness`` (mean) and ``contrast`` (standard deviation) are those of the luma of
    ITU-R BT.601, 0 to 1. ``hue`` is the angle of the mean colour, in degrees from -180 to 180
    with red at 0 (skin lies there, and must not fall apart at 360); ``saturation`` the mean of HSV,
    0 to 1. ``sharpness`` is log10 of the variance of the Laplacian of the luma (Pech-Pacheco et al.
    2000, ICPR 15:314). ``dark_border`` is the share of pixels darker than 0.15 in the outer tenth:
    the rim of a dermatoscope.
    """

    brightness: float
    contrast: float
    hue: float
    saturation: float
    sharpness: float
    dark_border: float


def image_statistics(pixels: NDArray[np.uint8]) -> ImageStatistics:
    """Of a network's input, uint8 (size, size, 3). Raises ValueError for what is not finite."""
    small = Image.fromarray(pixels).resize((SIDE, SIDE), Image.Resampling.BOX)
    colours: NDArray[np.float32] = np.asarray(small).astype(np.float32) / np.float32(255)
    luma: NDArray[np.float32] = colours @ np.array([0.299, 0.587, 0.114], dtype=np.float32)
    found = ImageStatistics(
        brightness=float(luma.mean()),
        contrast=float(luma.std()),
        hue=_hue(colours),
        saturation=_saturation(colours),
        sharpness=float(np.log10(_laplacian(luma).var() + FLAT)),
        dark_border=_dark_border(luma),
    )
    if not np.isfinite(astuple(found)).all():
        msg = "A number of the image is not finite."
        raise ValueError(msg)
    return found


def _hue(colours: NDArray[np.float32]) -> float:
    """The angle of the mean colour in the plane of hue and chroma: each pixel by its chroma."""
    red, green, blue = colours.mean(axis=(0, 1))
    return float(np.degrees(np.arctan2(np.sqrt(3) * (green - blue), 2 * red - green - blue)))


def _saturation(colours: NDArray[np.float32]) -> float:
    highest, lowest = colours.max(axis=2), colours.min(axis=2)
    return float(((highest - lowest) / np.maximum(highest, FLAT)).mean())


def _laplacian(luma: NDArray[np.float32]) -> NDArray[np.float32]:
    centre = luma[1:-1, 1:-1]
    around = luma[:-2, 1:-1] + luma[2:, 1:-1] + luma[1:-1, :-2] + luma[1:-1, 2:]
    return around - 4 * centre


def _dark_border(luma: NDArray[np.float32]) -> float:
    is_dark = luma < DARK
    inside = is_dark[FRAME:-FRAME, FRAME:-FRAME]
    return float((is_dark.sum() - inside.sum()) / (is_dark.size - inside.size))
