"""Findings on a picture's quality, cheap enough to say while the person still holds the camera.

A finding advises; it never refuses. Each is measured on the middle two thirds of the picture,
shrunk to at most 512 px (the frame, ruler and dark corners of a dermatoscope lie outside), and its
threshold lies outside what well-taken pictures showed: 2,500 of HAM10000 at 256 px and 32 CC0
dermoscopic images at camera size. None of them is found dark, bright, cast or colourless, and
fewer than 1 in 100 blurred; the same pictures blurred by 3 px (of 512) nearly all are.
Brightness is judged by the brightest 5 %, so that well-lit dark skin is not called too dark.
"""

from PIL import Image, ImageChops, ImageFilter, ImageStat

from clinic.imaging.accepted import QualityFinding
from clinic.imaging.colour import flatten

SAMPLE_SIDE = 512
DARK_BELOW = 70
"""95th percentile of luminance, 0 to 255. Well-taken: 77 to 244."""
BRIGHT_ABOVE = 0.10
"""Share of pixels at 250 or more. Well-taken: at most 0.019."""
BLURRED_BELOW = 0.20
"""Detail at 1 px by detail at 3 px (both rms). Well-taken: 0.28 to 1.62; blurred by 2 px: 0.07."""
CAST_RED_LESS_BLUE = -0.10
"""(mean red - mean blue) / sum of the means. Skin reflects more red. Well-taken: -0.07 to 0.47."""
CAST_RED_LESS_GREEN = -0.05
"""(mean red - mean green) / sum of the means. Well-taken: -0.03 to 0.51."""
COLOURLESS_BELOW = 2.0
"""Mean difference of red and blue, 0 to 255. Well-taken: 3.7 to 131."""
LOW_RESOLUTION_BELOW = 400
"""Shorter side, px. Models read 224 px or more, a reader wants to zoom in."""


def assess_quality(
    picture: Image.Image, *, full_size: tuple[int, int]
) -> tuple[QualityFinding, ...]:
    """What a reader may stumble over. `picture` may be shrunk; `full_size` is the record's, px."""
    sample = _sample(picture)
    luminance = sample.convert("L")
    found = [
        _resolution(full_size),
        _darkness(luminance),
        _brightness(luminance),
        _blur(luminance),
        _colours(sample),
    ]
    return tuple(finding for finding in found if finding is not None)


def _sample(picture: Image.Image) -> Image.Image:
    factor = -(-max(picture.size) // SAMPLE_SIDE)
    if picture.mode not in {"RGB", "L"}:
        picture = flatten(picture)
    sample = picture.reduce(factor) if factor > 1 else picture
    width, height = sample.size
    return sample.crop((width // 6, height // 6, width - width // 6, height - height // 6))


def _resolution(full_size: tuple[int, int]) -> QualityFinding | None:
    shorter = min(full_size)
    if shorter >= LOW_RESOLUTION_BELOW:
        return None
    return QualityFinding(
        "low_resolution",
        f"Only {shorter} pixels on the shorter side: fine structures may not show.",
        float(shorter),
    )


def _darkness(luminance: Image.Image) -> QualityFinding | None:
    histogram = luminance.histogram()
    seen, level = 0, 255
    while level > 0 and seen + histogram[level] <= 0.05 * sum(histogram):
        seen += histogram[level]
        level -= 1
    if level >= DARK_BELOW:
        return None
    return QualityFinding(
        "too_dark", "Very dark: add light or a longer exposure and take it again.", float(level)
    )


def _brightness(luminance: Image.Image) -> QualityFinding | None:
    histogram = luminance.histogram()
    clipped = sum(histogram[250:]) / sum(histogram)
    if clipped <= BRIGHT_ABOVE:
        return None
    return QualityFinding(
        "too_bright",
        f"{clipped:.0%} of the middle is pure white: avoid the flash's reflection or expose less.",
        round(clipped, 4),
    )


def _blur(luminance: Image.Image) -> QualityFinding | None:
    """How much of the medium detail is there in fine: blurring takes the fine away first."""
    slightly = luminance.filter(ImageFilter.GaussianBlur(1))
    more = luminance.filter(ImageFilter.GaussianBlur(3))
    fine = _rms_difference(luminance, slightly)
    medium = max(_rms_difference(slightly, more), 0.5)  # half a grey level is rounding
    if fine / medium >= BLURRED_BELOW:
        return None
    return QualityFinding(
        "blurred",
        "Looks out of focus: hold still, let the camera focus on the lesion and take it again.",
        round(fine / medium, 4),
    )


def _colours(sample: Image.Image) -> QualityFinding | None:
    if sample.mode == "L":
        return _colourless(0.0)
    red, _, blue = sample.split()
    difference: float = ImageStat.Stat(ImageChops.difference(red, blue)).mean[0]
    means = ImageStat.Stat(sample).mean
    total = max(sum(means), 1.0)
    less_blue, less_green = (means[0] - means[2]) / total, (means[0] - means[1]) / total
    if less_blue < CAST_RED_LESS_BLUE or less_green < CAST_RED_LESS_GREEN:
        return QualityFinding(
            "colour_cast",
            "The colours lean to blue or green, unlike skin in white light: check the white "
            "balance and the room's lamps.",
            round(min(less_blue, less_green), 4),
        )
    return _colourless(difference) if difference < COLOURLESS_BELOW else None


def _colourless(difference: float) -> QualityFinding:
    return QualityFinding(
        "no_colour",
        "Black and white: colours matter in a lesion, so send a colour picture if there is one.",
        round(difference, 4),
    )


def _rms_difference(one: Image.Image, other: Image.Image) -> float:
    rms: float = ImageStat.Stat(ImageChops.difference(one, other)).rms[0]
    return rms
