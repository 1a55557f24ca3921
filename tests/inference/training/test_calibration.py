"""What is fitted on validation images keeps its promise on other images."""

import numpy as np
import pytest

from inference.engine.decisions import called_classes, likeliest_classes
from inference.engine.package import Calibration
from inference.training.calibration import calibrated, choose_operating_points, fit_calibration
from inference.training.conformal import coverage_report, fit_conformal, plausible_classes
from inference.training.measures import (
    Floats,
    Labels,
    balanced_accuracy,
    expected_calibration_error,
    softmax,
)
from inference.training.predictions import Predictions
from inference.training.records import DataError, Record
from inference.training.taxonomy import model_classes

CODES = ("bcc", "mel", "nv")
CLASSES = model_classes(CODES)
SHARES = np.array([0.05, 0.15, 0.8])


def evidence(count: int, *, seed: int) -> tuple[Floats, Labels]:
    """Log likelihoods (N, 3) of one measurement whose mean is the class, and the classes."""
    random = np.random.default_rng(seed)
    labels = random.choice(3, count, p=SHARES)
    measured = labels + random.normal(0, 0.7, count)
    return -((measured[:, None] - np.arange(3)) ** 2) / (2 * 0.7**2), labels


def predictions(
    probabilities: Floats, labels: Labels, calibration: Calibration | None = None
) -> Predictions:
    records = [
        Record(f"image-{row}", CODES[label], f"lesion-{row}") for row, label in enumerate(labels)
    ]
    return Predictions(CLASSES, records, probabilities, labels, calibration or Calibration())


@pytest.mark.parametrize("learned_shares", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("overconfidence", [0.5, 3.0])
def test_probabilities_come_true_however_the_network_was_trained(
    learned_shares: float, overconfidence: float
) -> None:
    """On images not fitted, for a network that learned none, half or all of the shares."""
    likelihood, labels = evidence(6000, seed=0)
    logits = (likelihood + learned_shares * np.log(SHARES)) * overconfidence
    calibration = fit_calibration(logits[:3000], labels[:3000])
    found = calibrated(logits[3000:], calibration)
    truth = softmax(likelihood[3000:] + np.log(SHARES))
    np.testing.assert_allclose(found.mean(axis=0), SHARES, atol=0.02)
    assert np.abs(found - truth).mean() < 0.012
    right = found.argmax(axis=1) == labels[3000:]
    assert expected_calibration_error(found.max(axis=1), right) < 0.025


def test_the_decision_weighs_every_class_alike_and_leaves_probabilities_alone() -> None:
    likelihood, labels = evidence(6000, seed=1)
    calibration = fit_calibration(likelihood[:3000], labels[:3000])
    probabilities = calibrated(likelihood[3000:], calibration)
    called = called_classes(probabilities, CLASSES, calibration)
    best = balanced_accuracy(likelihood[3000:].argmax(axis=1), labels[3000:])
    assert balanced_accuracy(called, labels[3000:]) == pytest.approx(best, abs=0.02)
    likeliest = likeliest_classes(probabilities, CLASSES)
    assert balanced_accuracy(likeliest, labels[3000:]) < best - 0.1


def test_a_class_without_validation_images_gets_finite_offsets() -> None:
    likelihood, labels = evidence(300, seed=2)
    some = labels != 0
    calibration = fit_calibration(likelihood[some], labels[some])
    assert np.isfinite(calibration.class_offsets).all()
    assert max(np.abs(calibration.decision_offsets)) < 20
    assert calibrated(likelihood[some], calibration)[:, 0].mean() < 0.05


def test_ties_are_called_and_rank_as_the_more_severe_class() -> None:
    tie = np.array([[0.2, 0.4, 0.4], [0.4, 0.2, 0.4], [0.1, 0.1, 0.8]])
    assert likeliest_classes(tie, CLASSES).tolist() == [1, 0, 2]
    benign_first = model_classes(("nv", "akiec", "mel"))
    assert likeliest_classes(np.full((1, 3), 1 / 3), benign_first).tolist() == [2]
    assert likeliest_classes(np.array([[0.5, 0.5, 0.0]]), benign_first).tolist() == [1]
    assert called_classes(tie, CLASSES, Calibration()).tolist() == [1, 0, 2]
    weighted = Calibration(decision_offsets=(0.0, 3.0, 0.0))
    assert called_classes(tie, CLASSES, weighted).tolist() == [1, 1, 1]


def test_conformal_sets_keep_their_promise_for_every_class_on_new_images() -> None:
    likelihood, labels = evidence(16000, seed=3)
    calibration = fit_calibration(likelihood[:8000], labels[:8000])
    probabilities = calibrated(likelihood, calibration)
    fitted = predictions(probabilities[:8000], labels[:8000], calibration)
    conformal = fit_conformal(fitted)
    new = predictions(probabilities[8000:], labels[8000:], calibration)
    report = coverage_report(new, conformal)
    assert set(report["by_class"]) == set(CODES)
    for values in report["by_class"].values():
        assert values["coverage"] == pytest.approx(0.9, abs=0.035)
    assert 1 <= report["mean_size"] <= 2


def test_the_called_class_belongs_to_its_set_and_costs_no_coverage() -> None:
    """Were it put in after the fit, a class that is called often would be covered too often."""
    likelihood, labels = evidence(8000, seed=4)
    calibration = Calibration(decision_offsets=(3.0, 2.0, 0.0))
    new = predictions(softmax(likelihood + np.log(SHARES)), labels, calibration)
    conformal = fit_conformal(new)
    inside = plausible_classes(new, conformal)
    assert inside[np.arange(len(labels)), new.called].all()
    nevi = labels == 2
    assert np.mean(new.called[nevi] == 2) < 0.9
    assert inside[nevi, 2].mean() == pytest.approx(0.9, abs=0.002)


def test_few_images_of_a_class_do_not_cover_more_than_promised_on_average() -> None:
    """Thresholds are interpolated: the next higher of 24 scores would cover 0.92."""
    random = np.random.default_rng(5)
    covered = []
    for _ in range(400):
        scores = random.random(24)
        rows = np.stack([1 - scores, np.zeros(24), scores], axis=1)
        fitted = fit_conformal(
            predictions(rows, np.zeros(24, dtype=np.int64), Calibration(1.0, (), (-20, 20, -20)))
        )
        covered.append(fitted.thresholds[0])  # scores are uniform: the threshold is the coverage
    assert np.mean(covered) == pytest.approx(0.9, abs=0.01)


def test_a_class_with_too_few_images_is_always_plausible() -> None:
    labels = np.array([2] * 50 + [0] * 8)
    probabilities = np.array([[0.05, 0.05, 0.9]] * 50 + [[0.8, 0.1, 0.1]] * 8)
    assert fit_conformal(predictions(probabilities, labels)).thresholds[:2] == (1.0, 1.0)


def test_operating_points_reach_their_sensitivity_and_count_ties_as_malignant() -> None:
    random = np.random.default_rng(0)
    malignant = random.random(500) < 0.3
    malignancy = np.clip(random.normal(0.3 + 0.3 * malignant, 0.15), 0, 1).round(2)
    points = choose_operating_points(malignancy, malignant)
    for point, wanted in zip(points, (0.90, 0.95), strict=True):
        assert point.sensitivity >= wanted
        stricter = malignancy >= point.malignancy_threshold + 0.01
        assert stricter[malignant].mean() < wanted
    assert points[0].malignancy_threshold >= points[1].malignancy_threshold
    all_alike = choose_operating_points(np.full(500, 1 / 3), malignant)
    assert {(point.sensitivity, point.specificity) for point in all_alike} == {(1.0, 0.0)}


def test_without_malignant_validation_images_there_are_no_thresholds() -> None:
    with pytest.raises(DataError, match="need malignant and benign images"):
        choose_operating_points(np.array([0.1, 0.2]), np.array([False, False]))
