"""Cohen's kappa against published examples."""

from collections import Counter

import pytest

from clinic.statistics.intervals import Estimate
from clinic.statistics.kappa import cohen_kappa, one_against_rest

# Two dermatologists on the skin condition of 88 patients: terrible, poor, marginal, clear. SAS/STAT
# User's Guide, The FREQ Procedure, "Agreement Study", which prints these three figures.
SKIN = [[10, 4, 1, 0], [5, 10, 12, 2], [2, 4, 12, 5], [0, 2, 6, 13]]
# Two raters on 100 patients: psychotic, neurotic, organic. Fleiss, Levin & Paik 2003, Statistical
# Methods for Rates and Proportions, 18.1, with the kappas of each diagnosis against the rest.
PSYCHIATRY = [[75, 1, 4], [5, 4, 1], [0, 0, 10]]


def pairs(table: list[list[int]]) -> dict[tuple[int, int], int]:
    return {(i, j): n for i, row in enumerate(table) for j, n in enumerate(row)}


def test_kappa_and_its_interval_are_those_of_the_published_example() -> None:
    found = cohen_kappa(pairs(SKIN))
    assert found is not None
    assert (found.value, found.low, found.high) == pytest.approx((0.3449, 0.2030, 0.4868), abs=5e-5)
    assert found.n == 88


def test_one_diagnosis_against_the_rest() -> None:
    assert cohen_kappa(pairs(PSYCHIATRY)).value == pytest.approx(0.676, abs=5e-4)  # type: ignore[union-attr]
    against = [cohen_kappa(one_against_rest(pairs(PSYCHIATRY), label)) for label in range(3)]
    assert [round(one.value, 2) for one in against if one] == [0.69, 0.50, 0.77]


def test_two_classes_agree_with_the_closed_form() -> None:
    """40, 9; 6, 45: observed 0.85, expected 0.4996."""
    found = cohen_kappa({("a", "a"): 40, ("a", "b"): 9, ("b", "a"): 6, ("b", "b"): 45})
    expected = (49 * 46 + 51 * 54) / 100**2
    assert found is not None
    assert found.value == pytest.approx((0.85 - expected) / (1 - expected))


def test_the_order_of_the_readers_makes_no_difference() -> None:
    turned = {(j, i): n for (i, j), n in pairs(SKIN).items()}
    one, other = cohen_kappa(pairs(SKIN)), cohen_kappa(turned)
    assert one is not None
    assert other is not None
    assert (other.low, other.high) == pytest.approx((one.low, one.high))


def test_full_agreement_is_one_without_doubt_and_full_disagreement_is_minus_one() -> None:
    assert cohen_kappa({("a", "a"): 5, ("b", "b"): 5}) == Estimate(1, 1, 1, 10)
    found = cohen_kappa({("a", "b"): 5, ("b", "a"): 5})
    assert found is not None
    assert (found.value, found.low) == pytest.approx((-1, -1))


@pytest.mark.parametrize("nothing", [{}, {("a", "a"): 7}, Counter()])
def test_kappa_is_not_defined_where_chance_explains_everything(
    nothing: dict[tuple[str, str], int],
) -> None:
    assert cohen_kappa(nothing) is None
