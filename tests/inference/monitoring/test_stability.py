"""The stability index in simulated weeks; the distribution behind it against scipy's."""

import random
from collections import Counter
from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from inference.monitoring.noncentral import noncentral_chi_square, noncentrality_at
from inference.monitoring.stability import FEWEST, index, stability

EVEN = [0.1] * 10
TILTED = [0.055, 0.065, 0.075, 0.085, 0.095, 0.105, 0.115, 0.125, 0.135, 0.145]
FAR = [0.04, 0.045, 0.055, 0.07, 0.085, 0.1, 0.12, 0.145, 0.16, 0.18]


def drawn(dice: random.Random, shares: list[float], n: int) -> list[int]:
    counts = Counter(dice.choices(range(len(shares)), shares, k=n))
    return [counts[index] for index in range(len(shares))]


def true_index(reference: list[float], period: list[float]) -> float:
    return sum((q - p) * log(q / p) for p, q in zip(reference, period, strict=True))


@pytest.mark.parametrize("freedom", [1, 3, 6, 9])
@pytest.mark.parametrize("noncentrality", [0.0, 0.5, 10.0, 200.0])
@pytest.mark.parametrize("x", [0.5, 3.0, 20.0, 250.0])
def test_the_distribution_is_near_the_exact_one(
    x: float, freedom: int, noncentrality: float
) -> None:
    exact = (
        stats.ncx2.cdf(x, freedom, noncentrality) if noncentrality else stats.chi2.cdf(x, freedom)
    )
    assert noncentral_chi_square(x, freedom, noncentrality) == pytest.approx(exact, abs=0.012)


def test_a_noncentrality_is_the_one_that_was_asked_for() -> None:
    found = noncentrality_at(30.0, 9, 0.025)
    assert noncentral_chi_square(30.0, 9, found) == pytest.approx(0.025, abs=1e-6)
    assert noncentrality_at(1.0, 9, 0.975) == 0.0


@pytest.mark.parametrize("n", [100, 400])
@pytest.mark.parametrize("period", [EVEN, TILTED, FAR], ids=["same", "some", "far"])
def test_the_interval_holds_the_truth_and_the_value_is_not_too_high(
    period: list[float], n: int
) -> None:
    dice, truth = random.Random(11), true_index(EVEN, period)
    found = [stability(drawn(dice, EVEN, 2000), drawn(dice, period, n)) for _ in range(400)]
    known = [one for one in found if one is not None]
    held = sum(one.low <= truth <= one.high for one in known)
    assert held >= 0.92 * len(known)
    mean = sum(one.value for one in known) / len(known)
    raw = sum(one.raw for one in known) / len(known)
    assert abs(mean - truth) < 0.03
    assert raw - truth > 0.5 * 9 * (1 / n + 1 / 2000) or period is FAR


def test_a_hundred_images_of_no_change_never_cry_wolf() -> None:
    dice = random.Random(3)
    weeks = [stability(drawn(dice, EVEN, 2000), drawn(dice, EVEN, 100)) for _ in range(500)]
    assert {week.verdict for week in weeks if week} == {"stable"}
    # Without the correction half of these weeks would pass the first threshold.
    assert sum(week.raw > 0.1 for week in weeks if week) > 100


def test_a_plain_change_is_called_one() -> None:
    changed = stability([200] * 10, [10, 10, 10, 10, 10, 50, 50, 50, 50, 50])
    assert changed is not None
    assert changed.verdict == "changed"
    assert changed.low < changed.value < changed.high


def test_too_few_images_have_no_index() -> None:
    assert stability([200] * 10, [FEWEST - 1, *[0] * 9]) is None
    assert stability([5] * 9, [20] * 9) is None
    assert stability([5000], [5000]) is None


def test_bins_must_be_the_same() -> None:
    with pytest.raises(ValueError, match="3 bins cannot be compared with 2"):
        stability([50, 50], [50, 50, 50])


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=2, max_size=12))
def test_an_index_is_never_negative_and_the_same_both_ways(pairs: list[tuple[int, int]]) -> None:
    one, other = [list(counts) for counts in zip(*pairs, strict=True)]
    assert index(one, other) >= 0
    assert index(one, other) == pytest.approx(index(other, one))
    found = stability(one, other)
    if found is not None:
        assert 0 <= found.low <= found.value <= found.high
