"""Intervals know that images of a lesion belong together; measures under weights are the usual."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from sklearn import metrics

from inference.training import measures
from inference.training.resampling import Resamples, between, ratio
from inference.training.weighted_measures import (
    area_under_roc,
    average_precision,
    balanced_accuracy,
    f1_scores,
    net_benefit,
    one_hot,
    risk_coverage_area,
    specificity_at,
)

N = 200


def data() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weights of three resamples and of the images as they are; scores with ties; the truth."""
    random = np.random.default_rng(3)
    weights = np.vstack([np.ones(N), random.poisson(1, (3, N))]).astype(float)
    positive = random.random(N) < 0.3
    scores = (random.normal(size=N) + positive).round(1)
    return weights, scores, positive


def repeated(weights: np.ndarray, *arrays: np.ndarray) -> list[np.ndarray]:
    """What the weights mean: each image as often as its weight says."""
    rows = np.repeat(np.arange(N), weights.astype(int))
    return [array[rows] for array in arrays]


@pytest.mark.parametrize(
    ("measure", "reference"),
    [
        (area_under_roc, metrics.roc_auc_score),
        (average_precision, metrics.average_precision_score),
    ],
)
def test_ranking_measures_under_weights_are_scikit_learns_on_copies(
    measure: Callable[..., np.ndarray], reference: Callable[..., float]
) -> None:
    weights, scores, positive = data()
    found = measure(weights, scores=scores, positive=positive)
    for row, value in zip(weights, found, strict=True):
        copies, truth = repeated(row, scores, positive)
        assert value == pytest.approx(reference(truth, copies))


def test_class_measures_under_weights_are_scikit_learns_on_copies() -> None:
    weights, _, _ = data()
    random = np.random.default_rng(5)
    labels, predicted = random.integers(0, 4, N), random.integers(0, 4, N)
    right = balanced_accuracy(weights, predicted, labels)
    f1 = f1_scores(weights, one_hot(predicted, 4), one_hot(labels, 4))
    for row, balanced, scores in zip(weights, right, f1, strict=True):
        said, truth = repeated(row, predicted, labels)
        assert balanced == pytest.approx(metrics.balanced_accuracy_score(truth, said))
        np.testing.assert_allclose(scores, metrics.f1_score(truth, said, average=None))


def test_the_specificity_at_a_sensitivity_is_the_best_that_reaches_it() -> None:
    weights, scores, positive = data()
    found = specificity_at(weights, scores, positive, sensitivity=0.9)
    for row, value in zip(weights, found, strict=True):
        copies, truth = repeated(row, scores, positive)
        false_positive_rate, sensitivity, _ = metrics.roc_curve(
            truth, copies, drop_intermediate=False
        )
        assert value == pytest.approx(1 - false_positive_rate[sensitivity >= 0.9 - 1e-9].min())


def test_the_risk_coverage_area_is_that_of_the_definition() -> None:
    confidence = np.array([0.9, 0.8, 0.7, 0.6])
    wrong = np.array([False, True, False, True])
    expected = (0 + 1 / 2 + 1 / 3 + 2 / 4) / 4
    assert risk_coverage_area(np.ones((1, 4)), confidence, wrong)[0] == pytest.approx(expected)
    # The surest left out by a resample, the second counted twice.
    weights = np.array([[0.0, 2, 1, 1]])
    expected = (2 * 1 + 2 / 3 + 3 / 4) / 4
    assert risk_coverage_area(weights, confidence, wrong)[0] == pytest.approx(expected)


def test_net_benefit_at_a_quarter_weighs_three_false_alarms_against_one_found() -> None:
    scores = np.array([0.9, 0.6, 0.3, 0.3, 0.3, 0.1])
    positive = np.array([True, False, False, False, True, False])
    found = net_benefit(np.ones((1, 6)), scores, positive, thresholds=np.array([0.25, 0.5]))
    assert found[0].tolist() == pytest.approx([(2 - 3 / 3) / 6, (1 - 1) / 6])


def test_repeated_images_of_a_lesion_know_no_more_than_one() -> None:
    random = np.random.default_rng(0)
    right = random.random(60) < 0.8
    single = Resamples.of_lesions([f"lesion-{n}" for n in range(60)], seed=0)
    fourfold = Resamples.of_lesions([f"lesion-{n}" for n in range(60) for _ in range(4)], seed=0)
    first = single.share("accuracy", right, np.ones(60))
    assert first["accuracy_interval"] is not None
    assert fourfold.share("accuracy", right.repeat(4), np.ones(240)) == first
    taken_for_independent = Resamples.of_lesions([str(n) for n in range(240)], seed=0)
    low, high = taken_for_independent.share("x", right.repeat(4), np.ones(240))["x_interval"]
    assert high - low < 0.7 * (first["accuracy_interval"][1] - first["accuracy_interval"][0])


def test_the_interval_of_a_share_is_as_wide_as_theory_says() -> None:
    right = np.arange(400) % 4 != 0
    sampled = Resamples.of_lesions([str(n) for n in range(400)], seed=1)
    low, high = sampled.share("accuracy", right, np.ones(400))["accuracy_interval"]
    width = 2 * 1.96 * np.sqrt(0.75 * 0.25 / 400)
    assert high - low == pytest.approx(width, rel=0.1)
    assert low < 0.75 < high


def test_where_all_are_right_the_interval_is_the_exact_one_of_as_many_lesions() -> None:
    sampled = Resamples.of_lesions([f"lesion-{n // 2}" for n in range(20)], seed=0)
    everything = np.ones(20)
    assert sampled.share("found", everything, everything) == {
        "found": 1.0,
        "found_interval": [0.6915, 1.0],  # scipy.stats.binomtest(10, 10).proportion_ci()
    }
    assert sampled.share("found", 0 * everything, everything)["found_interval"] == [0, 0.3085]


def test_an_interval_that_means_nothing_is_left_out() -> None:
    assert between(np.full(100, np.nan)) is None
    assert between(np.ones(100)) is None
    assert between(np.append(np.arange(85.0), [np.nan] * 15)) is None
    nothing = Resamples.of_lesions(["a", "b"], seed=0).share("x", np.zeros(2), np.zeros(2))
    assert nothing == {"x": None, "x_interval": None}


def test_two_models_are_compared_on_the_same_resamples() -> None:
    """Both err on much the same images, so their difference is surer than either."""
    random = np.random.default_rng(0)
    hard = random.random(300) < 0.3
    first, second = ~hard, ~hard | (random.random(300) < 0.1)
    ids = [f"lesion-{n // 2}" for n in range(300)]

    def accuracy(right: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
        return partial(ratio, part=right.astype(float), whole=np.ones(300))

    one, other = Resamples.of_lesions(ids, seed=0), Resamples.of_lesions(ids, seed=0)
    difference = between(other.values(accuracy(second)) - one.values(accuracy(first)))
    alone = one.share("accuracy", first, np.ones(300))["accuracy_interval"]
    assert difference is not None
    assert difference[0] > 0
    assert difference[1] - difference[0] < 0.6 * (alone[1] - alone[0])


def test_all_ones_give_the_measures_that_training_uses() -> None:
    weights, scores, positive = data()
    assert area_under_roc(weights[:1], scores, positive)[0] == pytest.approx(
        measures.area_under_roc(scores, positive)
    )
    random = np.random.default_rng(5)
    labels, predicted = random.integers(0, 4, N), random.integers(0, 4, N)
    assert balanced_accuracy(weights[:1], predicted, labels)[0] == pytest.approx(
        measures.balanced_accuracy(predicted, labels)
    )
