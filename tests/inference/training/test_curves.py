"""Curves are scikit-learn's, in fewer points."""

import numpy as np
import pytest
from sklearn import metrics
from sklearn.calibration import calibration_curve

from inference.training.curves import (
    BINS,
    DECISION_THRESHOLDS,
    MOST_POINTS,
    decision,
    precision_recall,
    reliability,
    risk_coverage,
    roc,
)
from inference.training.resampling import Resamples


def scores(images: int, *, ties: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities that mean what they say."""
    random = np.random.default_rng(11)
    said = random.beta(0.6, 1.2, images)
    so = random.random(images) < said
    return (said.round(1) if ties else said), so


@pytest.mark.parametrize("ties", [False, True])
def test_the_roc_curve_has_the_corners_of_scikit_learns(*, ties: bool) -> None:
    said, so = scores(150, ties=ties)
    points = roc(said, so)
    x, y, _ = metrics.roc_curve(so, said, drop_intermediate=False)
    every = set(zip(x.round(4), y.round(4), strict=True))
    corners = list(zip(points["false_positive_rate"], points["sensitivity"], strict=True))
    assert set(corners) <= every
    assert (corners[0], corners[-1]) == ((0, 0), (1, 1))
    # Whatever is left out lies on the line between its neighbours.
    area = metrics.auc(*np.array(corners).T)
    assert area == pytest.approx(metrics.roc_auc_score(so, said), abs=1e-4)


def test_a_long_curve_is_thinned_without_changing_its_area() -> None:
    said, so = scores(8000)
    points = roc(said, so)
    assert len(points["sensitivity"]) == MOST_POINTS
    area = metrics.auc(points["false_positive_rate"], points["sensitivity"])
    assert area == pytest.approx(metrics.roc_auc_score(so, said), abs=0.002)
    assert len(precision_recall(said, so)["recall"]) <= MOST_POINTS
    assert len(risk_coverage(said, so)["risk"]) <= MOST_POINTS


@pytest.mark.parametrize("ties", [False, True])
def test_precision_and_recall_are_scikit_learns(*, ties: bool) -> None:
    said, so = scores(150, ties=ties)
    points = precision_recall(said, so)
    precision, recall, _ = metrics.precision_recall_curve(so, said)
    # The curve keeps the best precision of each step of recall, and the end where all are called.
    best: dict[float, float] = {}
    for step, value in zip(recall.round(4), precision, strict=True):
        best[step] = max(value, best.get(step, 0))
    for step, value in list(zip(points["recall"], points["precision"], strict=True))[:-1]:
        assert value == pytest.approx(best[step], abs=6e-5)
    assert set(points["recall"]) == set(best) - {0.0}
    assert (points["recall"][-1], points["precision"][-1]) == (
        1,
        pytest.approx(so.mean(), abs=6e-5),
    )


def test_the_reliability_diagram_is_scikit_learns_with_counts() -> None:
    said, so = scores(400)
    sampled = Resamples.of_lesions([str(n) for n in range(400)], seed=0)
    bins = reliability(said, so, sampled)
    true_share, mean_said = calibration_curve(so, said, n_bins=BINS)
    np.testing.assert_allclose([row["so"] for row in bins], true_share, atol=6e-5)
    np.testing.assert_allclose([row["said"] for row in bins], mean_said, atol=6e-5)
    assert sum(row["images"] for row in bins) == 400
    assert all(row["from"] <= row["said"] <= row["to"] for row in bins)
    inside = [row["so_interval"][0] <= row["said"] <= row["so_interval"][1] for row in bins]
    assert sum(inside) >= len(bins) - 1, "these probabilities mean what they say"


def test_a_probability_of_one_lies_in_the_last_bin() -> None:
    sampled = Resamples.of_lesions(["a", "b"], seed=0)
    bins = reliability(np.array([1.0, 0.0]), np.array([True, False]), sampled)
    assert [(row["from"], row["to"], row["images"]) for row in bins] == [(0, 0.1, 1), (0.9, 1, 1)]


def test_risk_grows_to_the_whole_error_as_more_is_answered() -> None:
    confidence = np.array([0.9, 0.8, 0.8, 0.6])
    wrong = np.array([False, True, False, True])
    points = risk_coverage(confidence, wrong)
    assert points["coverage"] == [0.25, 0.75, 1.0]
    assert points["risk"] == [0, 0.3333, 0.5]


def test_acting_on_the_model_is_acting_on_all_where_all_are_called() -> None:
    said, so = scores(500)
    said = said.clip(min=0.05)
    sampled = Resamples.of_lesions([str(n) for n in range(500)], seed=0, count=200)
    curve = decision(said, so, sampled)
    for place, threshold in enumerate(DECISION_THRESHOLDS):
        called = said >= threshold
        expected = (called & so).mean() - (called & ~so).mean() * threshold / (1 - threshold)
        assert curve["net_benefit"][place] == pytest.approx(expected, abs=6e-5)
        assert curve["net_benefit_low"][place] <= expected + 6e-5
        assert curve["net_benefit_high"][place] >= expected - 6e-5
        if threshold <= 0.05:
            assert curve["net_benefit"][place] == curve["act_on_all"][place]
