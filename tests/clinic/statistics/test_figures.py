"""Too little is said to be too little."""

from clinic.statistics.figures import (
    accuracy_figure,
    class_kappa_figure,
    kappa_figure,
    proportion_figure,
)
from clinic.statistics.intervals import Tally


def test_a_kappa_stands_from_twenty_pairs_on() -> None:
    few = kappa_figure({("a", "a"): 10, ("b", "b"): 9})
    assert (few.is_too_few, few.estimate, few.n) == (True, None, 19)
    enough = kappa_figure({("a", "a"): 10, ("b", "b"): 10})
    assert not enough.is_too_few
    assert enough.estimate is not None


def test_one_diagnosis_needs_ten_namings_among_twenty_pairs() -> None:
    pairs = {("mel", "mel"): 6, ("mel", "nv"): 2, ("nv", "mel"): 1, ("nv", "nv"): 30}
    few = class_kappa_figure(pairs, "mel")
    assert (few.is_too_few, few.n) == (True, 9)
    enough = class_kappa_figure(pairs | {("nv", "mel"): 2}, "mel")
    assert (enough.is_too_few, enough.n) == (False, 10)
    assert class_kappa_figure({("mel", "mel"): 10, ("nv", "nv"): 9}, "mel").is_too_few


def test_what_is_not_defined_is_not_too_few() -> None:
    found = kappa_figure({("a", "a"): 40})
    assert (found.is_too_few, found.estimate) == (False, None)


def test_balanced_accuracy_stands_from_twenty_reads_on() -> None:
    assert accuracy_figure([Tally(9, 10), Tally(9, 9)]).is_too_few
    assert accuracy_figure([Tally(9, 10), Tally(9, 10)]).estimate is not None


def test_a_proportion_stands_with_its_counts_however_small() -> None:
    found = proportion_figure(Tally(1, 2))
    assert (found.hits, found.n, found.is_too_few) == (1, 2, False)
    assert proportion_figure(Tally(0, 0)).is_too_few
