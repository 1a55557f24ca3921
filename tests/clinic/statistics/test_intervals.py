"""Wilson's interval against published examples; balanced accuracy by hand and by coverage."""

from itertools import product
from math import comb, sqrt

import pytest

from clinic.statistics.intervals import Tally, balanced_accuracy, wilson_interval


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [
        # Newcombe 1998, Stat Med 17:857, table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_intervals_are_the_published_ones(
    hits: int, n: int, low: float, high: float
) -> None:
    found = wilson_interval(Tally(hits, n))
    assert found is not None
    assert (found.value, found.low, found.high) == pytest.approx((hits / n, low, high), abs=5e-5)


def test_all_hits_mirror_none() -> None:
    none, every = wilson_interval(Tally(0, 7)), wilson_interval(Tally(7, 7))
    assert none is not None
    assert every is not None
    assert every.low == pytest.approx(1 - none.high)
    assert every.high == 1


def test_a_proportion_of_nothing_is_none() -> None:
    assert wilson_interval(Tally(0, 0)) is None
    assert balanced_accuracy([]) is None
    assert balanced_accuracy([Tally(0, 0)]) is None


def test_more_hits_than_observations_are_refused() -> None:
    with pytest.raises(ValueError, match="3 of 2"):
        Tally(3, 2)


def test_balanced_accuracy_is_the_mean_recall_with_the_classes_variances() -> None:
    """9 of 10 and 16 of 40: the shares in the variance are 11 of 14 and 18 of 44."""
    found = balanced_accuracy([Tally(9, 10), Tally(16, 40), Tally(0, 0)])
    half = 1.959964 * sqrt(11 / 14 * 3 / 14 / 10 + 18 / 44 * 26 / 44 / 40) / 2
    assert found is not None
    assert (found.value, found.low, found.high, found.n) == pytest.approx(
        (0.65, 0.65 - half, 0.65 + half, 50), abs=1e-6
    )


def test_a_class_that_was_always_recognised_is_not_certain() -> None:
    found = balanced_accuracy([Tally(5, 5), Tally(5, 5)])
    assert found is not None
    assert found.low < 0.9
    assert found.high == 1


@pytest.mark.parametrize("shares", [(0.5, 0.5), (0.9, 0.6), (0.95, 0.8), (0.99, 0.99)])
def test_the_interval_covers_the_truth_about_as_often_as_it_says(
    shares: tuple[float, float],
) -> None:
    """Exactly: every outcome of two classes of 12, with its probability.

    The plain variances would cover 0.99 and 0.99 in only 21 % of all samples.
    """
    n, covered, truth = 12, 0.0, sum(shares) / 2
    for hits in product(range(n + 1), repeat=2):
        found = balanced_accuracy(Tally(one, n) for one in hits)
        assert found is not None
        if found.low <= truth <= found.high:
            chances = (
                comb(n, one) * share**one * (1 - share) ** (n - one)
                for one, share in zip(hits, shares, strict=True)
            )
            first, second = chances
            covered += first * second
    assert covered >= 0.93
