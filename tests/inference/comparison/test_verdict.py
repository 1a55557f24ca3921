"""Which candidates pass, which do not, and that the reason is said."""

from dataclasses import replace

import pytest

from inference.comparison.report import compare
from tests.inference.comparison.contests import answer, contest, model, rules, sealed


def test_a_better_candidate_is_not_worse_and_a_worse_one_is_named_with_its_measures() -> None:
    images = sealed()
    good, poor = model(images, right=0.9, seed=1), model(images, right=0.7, seed=2)
    won = compare(contest(images, good, poor), rules())
    assert (won["is_not_worse"], won["missing"], won["worse"]) == (True, [], [])
    lost = compare(contest(images, poor, good), rules())
    assert not lost["is_not_worse"]
    assert [sentence.split(" may be ")[0] for sentence in lost["worse"]] == [
        "Balanced accuracy", "Sensitivity for malignancy",
    ]  # fmt: skip
    assert "less than 3.0 points is allowed" in lost["worse"][0]


def test_the_same_model_twice_is_not_worse_and_differs_nowhere() -> None:
    images = sealed()
    one = model(images, right=0.8, seed=1)
    report = compare(contest(images, one, one), rules())
    assert report["is_not_worse"]
    assert report["differing"]["total"] == 0
    assert [figure["difference"] for figure in report["measures"][:3]] == [0.0, 0.0, 0.0]


def test_no_difference_on_a_few_malignant_images_is_none_shown() -> None:
    """A bootstrap of no differences has no spread; the true one may still pass the margin."""
    images = [image for image in sealed(700) if not image.malignant][:300]
    few = [image for image in sealed(700) if image.malignant][:60]
    one = model([*images, *few], right=0.8, seed=1)
    report = compare(contest([*images, *few], one, one), rules())
    assert not report["is_not_worse"]
    assert "60 malignant images are too few; 90 are needed." in report["missing"]
    margin, z = rules().margins["sensitivity"], 1.645
    assert z**2 / (rules().fewest_malignant + z**2) < margin, (
        "Tango's interval without a difference"
    )


def test_equal_in_truth_and_too_few_to_show_it_is_not_enough() -> None:
    """Not worse has to be shown: absence of evidence is none."""
    images = sealed(210)
    first, second = model(images, right=0.8, seed=3), model(images, right=0.8, seed=4)
    report = compare(contest(images, first, second), rules())
    assert report["missing"] == []
    assert not report["is_not_worse"]
    wider = rules(margins={"balanced_accuracy": 0.2, "sensitivity": 0.2})
    assert compare(contest(images, first, second), wider)["is_not_worse"]


@pytest.mark.parametrize("key", ["balanced_accuracy", "sensitivity"])
def test_one_measure_alone_can_fail(key: str) -> None:
    """Malignant images called another malignant class, and malignant ones missed by a class."""
    images = sealed()
    champion = model(images, right=1, seed=1)
    answers = dict(champion.answers)
    for image in images[::4]:
        if image.malignant and key == "balanced_accuracy":
            answers[image.row] = answer(image.label, right=False, wrong_as="akiec")
        elif image.malignant:
            # Called right, but below the operating point.
            answers[image.row] = answers[image.row]._replace(malignancy=0.3)
    report = compare(contest(images, replace(champion, answers=answers), champion), rules())
    failed = {"balanced_accuracy": "Balanced accuracy", "sensitivity": "Sensitivity"}[key]
    assert [sentence.startswith(failed) for sentence in report["worse"]] == [True]


def test_what_keeps_it_from_deciding_is_said() -> None:
    images = [image for image in sealed(120) if image.label != "vasc"]
    one = model(images, right=1, seed=1)
    report = compare(contest(images, one, replace(one, name="old", threshold=None)), rules())
    assert not report["is_not_worse"]
    assert report["worse"] == []
    assert report["missing"] == [
        "104 sealed images are too few; 200 are needed.",
        "52 malignant images are too few; 90 are needed.",
        "No sealed image is labelled vasc.",
        "old names no operating point.",
        "The difference in sensitivity for malignancy is not defined on these images.",
    ]


def test_without_malignant_images_sensitivity_is_not_decided() -> None:
    images = [image for image in sealed(700) if not image.malignant]
    one = model(images, right=1, seed=1)
    report = compare(contest(images, one, one), rules())
    assert "0 malignant images are too few; 90 are needed." in report["missing"]
    assert any("sensitivity" in sentence for sentence in report["missing"])
    assert report["roc"] == {"candidate": None, "champion": None}


def test_a_candidate_that_fails_on_the_hard_images_gains_nothing_by_it() -> None:
    images = sealed()
    champion = model(images, right=0.8, seed=1)
    silent = {
        row: given
        for row, given in champion.answers.items()
        if given.called == images[row].label  # it answers only where it is right
    }
    report = compare(contest(images, replace(champion, answers=silent), champion), rules())
    figures = {figure["key"]: figure for figure in report["measures"]}
    assert figures["balanced_accuracy"]["difference"] == 0
    assert figures["sensitivity"]["difference"] == 0
    assert figures["specificity"]["difference"] == 0
    assert report["unanswered"] == {"candidate": len(images) - len(silent), "champion": 0}


def test_patients_are_resampled_not_images() -> None:
    """Ten images of each patient say less than as many patients would: the interval is wider."""
    images = sealed()
    champion, candidate = model(images, right=0.8, seed=1), model(images, right=0.8, seed=2)
    clusters = [image._replace(patient=f"P-{image.row // 70}") for image in images]
    by_patient = {}
    for name, chosen in (("many", images), ("few", clusters)):
        answers = {
            image.row: answer(
                image.label, right=(image.row // (70 if name == "few" else 1)) % 3 > 0
            )
            for image in images
        }
        report = compare(contest(chosen, replace(candidate, answers=answers), champion), rules())
        low, high = report["measures"][1]["difference_interval"]
        by_patient[name] = high - low
    assert by_patient["few"] > 2 * by_patient["many"]


def test_the_same_seed_gives_the_same_report() -> None:
    images = sealed()
    sides = model(images, right=0.9, seed=1), model(images, right=0.8, seed=2)
    assert compare(contest(images, *sides), rules()) == compare(contest(images, *sides), rules())
    other = compare(contest(images, *sides), rules(seed=2))
    assert other["measures"] != compare(contest(images, *sides), rules())["measures"]
