"""Findings that advise a photographer. They are said of bad pictures only, and refuse nothing."""

import pytest
from PIL import Image, ImageEnhance, ImageFilter

from clinic.imaging import inspect_image
from tests.clinic.imaging.pictures import photograph, saved

GOOD = photograph(800, 600)


def tinted(*shares: float) -> Image.Image:
    """The good picture in one colour's light."""
    grey = GOOD.convert("L")
    return Image.merge("RGB", [grey.point(lambda v, s=share: int(v * s)) for share in shares])


def codes(image: Image.Image) -> set[str]:
    return {finding.code for finding in inspect_image(saved(image, "JPEG", quality=92)).quality}


def test_a_good_picture_has_no_finding():
    assert codes(GOOD) == set()


@pytest.mark.parametrize(
    ("image", "code"),
    [
        (ImageEnhance.Brightness(GOOD).enhance(0.2), "too_dark"),
        (ImageEnhance.Brightness(GOOD).enhance(1.6), "too_bright"),
        (GOOD.filter(ImageFilter.GaussianBlur(6)), "blurred"),
        (photograph(320, 240), "low_resolution"),
        (tinted(0.8, 0.78, 1.2), "colour_cast"),
        (tinted(0.9, 1.15, 0.8), "colour_cast"),
        (GOOD.convert("L"), "no_colour"),
        (GOOD.convert("L").convert("RGB"), "no_colour"),
    ],
    ids=["dark", "bright", "blurred", "small", "blue", "green", "grey", "grey as RGB"],
)
def test_a_bad_picture_is_accepted_with_its_finding(image, code):
    assert code in codes(image)


def test_well_lit_dark_skin_is_not_called_too_dark():
    dark_skin = ImageEnhance.Brightness(GOOD).enhance(0.55)
    assert "too_dark" not in codes(dark_skin)


def test_the_dark_corners_of_a_dermatoscope_are_not_called_too_dark_or_blurred():
    frame = Image.new("L", GOOD.size, 0)
    disc = Image.new("L", (1200, 1200), 0)
    disc.paste(
        255,
        (0, 0, 1200, 1200),
        Image.radial_gradient("L").point(lambda v: 255 * (v < 128)).resize((1200, 1200)),
    )
    frame.paste(disc.resize((600, 600)), (100, 0))
    assert codes(Image.composite(GOOD, Image.new("RGB", GOOD.size), frame)) == set()


def test_the_record_resolution_counts_and_not_the_decoders():
    assert codes(photograph(1600, 1200)) == set()


@pytest.mark.parametrize("mode", ["P", "LA", "RGBA", "L"])
def test_every_accepted_kind_of_colours_can_be_assessed(mode):
    image = GOOD.quantize(128) if mode == "P" else GOOD.convert(mode)
    quality = inspect_image(saved(image, "PNG")).quality
    assert {finding.code for finding in quality} == (
        {"no_colour"} if mode in {"L", "LA"} else set()
    )


def test_a_finding_has_a_sentence_and_the_number_behind_it():
    (finding,) = inspect_image(saved(photograph(320, 240), "JPEG", quality=92)).quality
    assert finding.measured == 240
    assert finding.sentence.startswith("Only 240 pixels")
    assert finding.sentence.endswith(".")
