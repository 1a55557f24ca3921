"""Reports say what happened: numbers known by hand, intervals by lesion, gaps named."""

from dataclasses import replace

import numpy as np
import pytest

from inference.engine.package import Calibration, Conformal, OperatingPoint
from inference.training.evaluation import Predictions, evaluate, figures_of
from inference.training.records import Record
from inference.training.taxonomy import model_classes

CODES = ("bcc", "mel", "nv")
POINT = OperatingPoint("sensitivity 0.90", 0.5, 0.9, 0.5)


def predictions(
    labels: list[int], called: list[int], lesions: list[str] | None = None
) -> Predictions:
    """Probabilities of 0.8 for the called class and 0.1 for each other."""
    records = [
        Record(
            f"image-{row}",
            CODES[label],
            (lesions or [f"lesion-{row}" for row in range(len(labels))])[row],
            dx_type="histo" if row % 2 else "follow_up",
            age=20.0 + 10 * (row % 6),
            sex="female" if row % 3 else "male",
        )
        for row, label in enumerate(labels)
    ]
    probabilities = np.full((len(labels), 3), 0.1) + 0.7 * np.eye(3)[called]
    return Predictions(model_classes(CODES), records, probabilities, np.array(labels))


def test_the_numbers_are_those_counted_by_hand() -> None:
    report = evaluate(predictions([1, 1, 1, 1, 2, 2, 2, 2], [1, 1, 1, 2, 2, 2, 1, 0]), [POINT])
    assert report["images"] == report["lesions"] == 8
    assert report["accuracy"] == 0.625
    assert report["balanced_accuracy"] == 0.625
    assert report["classes_without_images"] == ["bcc"]
    assert report["per_class"]["bcc"]["auc"] is None
    assert report["per_class"]["bcc"]["f1"] is None
    assert report["per_class"]["mel"]["sensitivity"] == 0.75
    assert report["per_class"]["mel"]["specificity"] == 0.75
    # Two F1 scores, 6/8 and 4/7: bcc, of which there is no image, takes no part.
    assert report["macro_f1"] == pytest.approx((6 / 8 + 4 / 7) / 2, abs=1e-4)
    assert report["confusion"]["nv"] == {"bcc": 1, "mel": 1, "nv": 2}
    point = report["operating_points"][0]
    assert (point["sensitivity"], point["specificity"]) == (0.75, 0.5)
    assert (point["found"], point["false_alarms"]) == (3, 2)
    assert point["ppv"] == 0.6
    assert point["number_needed_to_biopsy"] == pytest.approx(1.67)
    assert report["brier"] == pytest.approx((5 * 0.06 + 3 * 1.46) / 8)


def test_predictive_values_elsewhere_follow_from_how_common_malignant_lesions_are() -> None:
    report = evaluate(predictions([1, 1, 1, 1, 2, 2, 2, 2], [1, 1, 1, 2, 2, 2, 1, 0]), [POINT])
    point = report["operating_points"][0]
    by_prevalence = {row["prevalence"]: row for row in point["at_prevalence"]}
    assert by_prevalence[0.5]["ppv"] == point["ppv"], "these images are half malignant"
    # Of 1000 with 2 %: 15 of 20 found, 490 of 980 called for nothing.
    assert by_prevalence[0.02]["ppv"] == pytest.approx(15 / 505, abs=1e-4)
    assert by_prevalence[0.02]["number_needed_to_biopsy"] == pytest.approx(505 / 15, abs=0.01)


def test_an_undefined_figure_is_none_and_nothing_raises() -> None:
    only_malignant = evaluate(predictions([1] * 12, [1] * 12), [POINT], Conformal(0.9, (1, 1, 1)))
    assert only_malignant["malignancy_auc"] is None
    assert only_malignant["specificity_at_sensitivity"][0]["specificity"] is None
    point = only_malignant["operating_points"][0]
    assert (point["specificity"], point["npv"]) == (None, None)
    only_benign = evaluate(predictions([2] * 12, [2] * 12), [POINT])
    point = only_benign["operating_points"][0]
    assert (point["sensitivity"], point["number_needed_to_biopsy"]) == (None, None)


def test_subgroups_are_counted_and_small_ones_not_measured() -> None:
    report = evaluate(predictions([1, 2] * 30, [1, 2] * 30), [POINT])
    groups = report["subgroups"]
    assert set(groups) == {"dx_type", "sex", "age"}
    assert groups["dx_type"]["histo"]["images"] == 30
    assert groups["dx_type"]["histo"]["small"], "there is no melanoma among them"
    assert not groups["sex"]["female"]["small"], "20 of each kind"
    assert groups["sex"]["male"]["small"], "10 of each kind"
    assert sum(group["images"] for group in groups["age"].values()) == 60
    few = evaluate(predictions([1, 2], [1, 2]), [POINT])["subgroups"]
    assert few["sex"]["male"]["images"] == 1
    assert "accuracy" not in few["sex"]["male"]


def test_what_is_not_known_of_an_image_is_a_group_of_its_own_and_comes_last() -> None:
    known = predictions([1, 2] * 10, [1, 2] * 10)
    records = [Record(r.image_id, r.label, r.lesion_id, sex=r.sex) for r in known.records[:10]]
    part = Predictions(
        known.classes, [*records, *known.records[10:]], known.probabilities, known.labels
    )
    ages = evaluate(part, [POINT])["subgroups"]["age"]
    assert list(ages)[-1] == "unknown"
    assert ages["unknown"]["images"] == 10


def test_coverage_and_set_size_are_given_by_class_with_intervals() -> None:
    labels = [1] * 40 + [2] * 40
    called = [1] * 30 + [2] * 10 + [2] * 40
    report = evaluate(predictions(labels, called), [POINT], Conformal(0.9, (0.5, 0.5, 0.95)))
    sets = report["conformal"]
    assert sets["by_class"]["mel"]["coverage"] == 0.75
    low, high = sets["by_class"]["mel"]["coverage_interval"]
    assert low < 0.75 < high
    # nv is within 0.95 of everything: sets are {mel, nv} or {nv}.
    assert sets["by_class"]["mel"]["mean_size"] == 1.75
    assert sets["by_class"]["nv"]["coverage"] == 1
    assert sets["by_class"]["nv"]["coverage_interval"][0] == pytest.approx(
        0.025 ** (1 / 40), abs=1e-4
    )


def test_a_package_keeps_the_figures_without_curves_and_single_images() -> None:
    report = {"images": 3, "curves": {"roc": []}, "mistakes": {"missed": []}}
    assert figures_of(report) == {"images": 3}


def test_accuracy_is_that_of_the_class_called_and_calibration_that_of_the_likeliest() -> None:
    """A package may call a rarer class than the likeliest one."""
    part = predictions([1] * 10 + [2] * 10, [2] * 20)
    bold = replace(part, calibration=Calibration(decision_offsets=(0.0, 3.0, 0.0)))
    usual, other = evaluate(part, [POINT]), evaluate(bold, [POINT])
    assert (usual["accuracy"], other["accuracy"]) == (0.5, 0.5)
    assert usual["confusion"]["mel"]["nv"] == 10
    assert other["confusion"]["mel"]["mel"] == other["confusion"]["nv"]["mel"] == 10
    assert usual["ece"] == other["ece"] == pytest.approx(0.3)
