"""Cheap findings on a picture's quality."""

from PIL import Image

from clinic.imaging.accepted import QualityFinding


def assess_quality(
    picture: Image.Image, *, full_size: tuple[int, int]
) -> tuple[QualityFinding, ...]:
    """What a reader may stumble over in a decoded picture."""
    return ()
