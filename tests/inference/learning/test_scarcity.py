"""Groups of which few cases are labelled."""

import numpy as np
import pytest

from inference.learning.candidates import Candidates, Labelled
from inference.learning.scarcity import lacking, scarce_first
from tests.inference.learning.pools import candidates, labelled, unit_rows


def pool(types: list[str], known: list[str]) -> tuple[Candidates, Labelled]:
    """Waiting and labelled cases by skin type, all of two classes that are equally common."""
    random = np.random.default_rng(0)
    waiting = Candidates(
        keys=[f"case-{index}" for index in range(len(types))],
        probabilities=np.full((len(types), 2), 0.5),
        features=unit_rows(random, len(types)),
        subgroups=[{"skin type": value} for value in types],
    )
    answered = Labelled(
        labels=np.arange(len(known)) % 2,
        features=unit_rows(random, len(known)),
        subgroups=[{"skin type": value} for value in known],
        differs=np.zeros(len(known), dtype=np.bool_),
    )
    return waiting, answered


def picked(types: list[str], known: list[str], count: int) -> list[str]:
    waiting, answered = pool(types, known)
    everything = np.ones(len(types), dtype=np.bool_)
    chosen = scarce_first(waiting, answered, count, allowed=everything)
    return [types[index] for index in chosen]


def test_a_group_without_a_label_comes_before_one_with_few() -> None:
    types = ["II", "V", "VI", "II"]
    assert picked(types, ["II"] * 8 + ["V"] * 2, 2) == ["VI", "V"]


def test_one_group_does_not_take_all_places() -> None:
    assert picked(["V"] * 5 + ["VI"] * 5, ["II"] * 30, 4) == ["V", "VI", "V", "VI"]


def test_what_is_not_known_is_not_scarce() -> None:
    assert picked(["", "II", "VI"], ["II", "II"], 3)[0] == "VI"
    assert picked(["", ""], ["II", "VI"], 2) == []


def test_nothing_is_picked_where_every_group_has_its_share() -> None:
    assert picked(["II", "VI"], ["II", "VI"], 2) == []


def test_a_class_of_which_few_are_labelled_is_scarce_too() -> None:
    waiting, _ = pool(["II", "II"], [])
    rare = Candidates(
        keys=waiting.keys,
        probabilities=np.array([[0.9, 0.1], [0.1, 0.9]]),
        features=waiting.features,
        subgroups=waiting.subgroups,
    )
    _, answered = pool([], ["II"] * 10)
    known = Labelled(
        np.zeros(10, np.int64), answered.features, answered.subgroups, answered.differs
    )
    both = np.ones(2, dtype=np.bool_)
    assert scarce_first(rare, known, 2, allowed=both)[0] == 1


def test_only_what_is_allowed_is_picked() -> None:
    waiting, known = candidates(40), labelled(100)
    allowed = np.zeros(40, dtype=np.bool_)
    allowed[[3, 7, 30]] = True
    assert set(scarce_first(waiting, known, 10, allowed=allowed)) <= {3, 7, 30}


def test_how_much_of_its_even_share_a_group_lacks() -> None:
    assert lacking(np.array([0.0, 5, 10, 25])) == pytest.approx([1, 0.5, 0, 0])
    assert lacking(np.zeros(3)) == pytest.approx([1, 1, 1])
