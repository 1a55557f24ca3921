"""Drawn lesions: the same for a seed, marked, and good enough for the guard and the eye."""

import itertools

import pytest
from PIL import Image, ImageChops, ImageStat

from clinic.imaging import inspect_image
from clinic.synthetic.dermoscopy import (
    as_jpeg,
    make_close_up,
    make_dermoscopic_image,
    make_overview,
)
from clinic.synthetic.lesions import DIAGNOSES

MAKERS = (make_dermoscopic_image, make_close_up, make_overview)


def difference(one: Image.Image, other: Image.Image) -> float:
    return max(ImageStat.Stat(ImageChops.difference(one, other)).mean)


@pytest.mark.parametrize("make", MAKERS)
def test_a_seed_always_draws_the_same_picture(make):
    drawn = [make(7, width=300, height=240, diagnosis="mel") for _ in range(2)]
    assert drawn[0].tobytes() == drawn[1].tobytes()
    assert difference(drawn[0], make(8, width=300, height=240, diagnosis="mel")) > 2


@pytest.mark.parametrize("make", MAKERS)
def test_a_picture_has_the_size_asked_for(make):
    assert make(1).size == (1200, 900)
    assert make(1, width=601, height=453).size == (601, 453)


def test_each_diagnosis_and_kind_looks_different():
    drawn = [
        make(3, width=300, height=240, diagnosis=diagnosis, fitzpatrick=2)
        for make in MAKERS
        for diagnosis in DIAGNOSES
    ]
    assert all(difference(a, b) > 1 for a, b in itertools.combinations(drawn, 2))


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("seed", range(4))
def test_every_picture_carries_the_mark_in_its_corner(make, seed):
    image = make(seed, width=600, height=450, fitzpatrick=2)
    corner = image.crop((500, 425, 600, 450)).convert("L")
    dark = sum(value < 60 for value in corner.tobytes())
    light = sum(value > 200 for value in corner.tobytes())
    assert dark > 500, "the mark's ground is missing"
    assert light > 80, "the mark's letters are missing"


@pytest.mark.parametrize("diagnosis", DIAGNOSES)
def test_pictures_pass_the_guard_as_well_taken(diagnosis):
    accepted = inspect_image(as_jpeg(make_dermoscopic_image(5, diagnosis=diagnosis, fitzpatrick=3)))
    assert (accepted.format, accepted.width, accepted.height) == ("JPEG", 1200, 900)
    assert accepted.quality == ()


def test_darker_skin_types_are_darker():
    def skin(fitzpatrick: int) -> float:
        image = make_close_up(2, width=300, height=240, fitzpatrick=fitzpatrick)
        return ImageStat.Stat(image.convert("L")).median[0]

    tones = [skin(fitzpatrick) for fitzpatrick in range(1, 7)]
    assert tones == sorted(tones, reverse=True)
    assert tones[0] - tones[-1] > 60


def test_a_lesion_stands_out_from_its_skin():
    image = make_dermoscopic_image(1, width=600, height=450, diagnosis="mel", fitzpatrick=2)
    grey = image.convert("L")
    middle = ImageStat.Stat(grey.crop((220, 150, 380, 300))).mean[0]
    left = ImageStat.Stat(grey.crop((70, 180, 110, 270))).mean[0]
    assert left - middle > 40


def test_an_unknown_diagnosis_is_named():
    with pytest.raises(ValueError, match="no recipe for 'wart'"):
        make_dermoscopic_image(1, diagnosis="wart")
