"""A group in which the candidate is worse blocks it; a small one, or chance, does not."""

from dataclasses import replace
from typing import Any

import numpy as np

from inference.comparison.report import compare
from inference.comparison.subgroups import subgroups
from inference.training.resampling import Resamples
from tests.inference.comparison.contests import MARGINS, answer, contest, model, rules, sealed


def spread(count: int = 1400) -> list[Any]:
    """Women and men, six ages, four sites, two kinds, two sources."""
    random = np.random.default_rng(5)
    return [
        image._replace(
            sex=("female", "male")[random.integers(2)],
            age=int(random.integers(1, 17)) * 5,
            body_site=("back", "face", "arm", "leg")[random.integers(4)],
            skin_type=int(random.integers(1, 7)),
            label_source=("pathology", "single")[random.integers(2)],
        )
        for image in sealed(count)
    ]


def test_worse_on_dark_skin_alone_blocks_and_is_named() -> None:
    images = spread()
    champion = model(images, right=0.75, seed=1)
    answers = {
        image.row: champion.answers[image.row]
        if image.skin_type != 6
        else answer(image.label, right=image.row % 3 == 0)
        for image in images
    }
    # Better elsewhere, so that the whole is not worse.
    for image in images[::3]:
        if image.skin_type != 6:
            answers[image.row] = answer(image.label, right=True)
    report = compare(contest(images, replace(champion, answers=answers), champion), rules())
    assert report["worse"]
    assert all("“skin type: 6”" in sentence for sentence in report["worse"])
    assert not report["is_not_worse"]


def test_a_small_group_is_shown_and_not_tested() -> None:
    images = [
        image._replace(skin_type=6 if image.row < 40 else 2, label="nv", malignant=False)
        for image in sealed(700)
    ]
    champion = model(images, right=1, seed=1)
    answers = dict(champion.answers)
    for image in images[:40]:
        answers[image.row] = answer(image.label, right=False)
    report = compare(contest(images, replace(champion, answers=answers), champion), rules())
    [dark] = [g for g in report["subgroups"] if (g["by"], g["value"]) == ("skin_type", "6")]
    figures = dark["balanced_accuracy"]
    assert (figures["difference"], figures["images"]) == (-1.0, 40)
    assert (figures["tested"], figures["worse"], figures["upper"]) == (False, False, None)


def test_many_images_of_few_patients_are_not_tested_either() -> None:
    images = [
        image._replace(sex="female", patient=f"P-{image.row % 5}")
        if image.row < 200
        else image._replace(sex="male")
        for image in sealed(900)
    ]
    one = model(images, right=0.8, seed=1)
    report = compare(contest(images, one, one), rules())
    tested = {
        group["value"]: group["balanced_accuracy"]["tested"]
        for group in report["subgroups"]
        if group["by"] == "sex"
    }
    assert tested == {"female": False, "male": True}


def test_equal_candidates_are_hardly_ever_blocked_by_a_group() -> None:
    """Two dozen tests on each of twelve pairs of equal models: chance alone may block one or two.

    Tests of 2.5 % each would block about five of them.
    """
    images, by_rules = spread(), rules(resamples=100)
    patients = [image.patient for image in images]
    sampled = Resamples.of_lesions(patients, seed=1, count=by_rules.resamples)
    blocked, one_by_one = 0, 0
    for seed in range(12):
        pair = [model(images, right=0.8, seed=2 * seed + side) for side in (1, 2)]
        groups = subgroups(contest(images, *pair), sampled, by_rules)
        tested = [group[key] for group in groups for key in MARGINS if group[key]["tested"]]
        assert len(tested) >= 24
        blocked += any(figures["worse"] for figures in tested)
        one_by_one += any(figures["difference_interval"][1] < 0 for figures in tested)
    assert blocked <= 2
    assert one_by_one >= 3
