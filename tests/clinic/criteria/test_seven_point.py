"""The 7-point checklist counts as Argenziano et al. published it in 1998 and revised it in 2011."""

from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.criteria import SevenPoint, WrongCriteria
from clinic.criteria.seven_point import LABELS, MAJOR, MINOR

SUBSETS = [
    frozenset(chosen) for size in range(8) for chosen in combinations(LABELS, size)
]  # fmt: skip
NOTHING = dict.fromkeys(LABELS, False)


@pytest.mark.parametrize(
    ("present", "score", "revised"),
    [
        # Arch Dermatol 1998;134:1563, table 3: a major feature counts 2, a minor one 1.
        ((), 0, 0),
        (("atypical_network",), 2, 1),
        (("blue_whitish_veil",), 2, 1),
        (("atypical_vascular_pattern",), 2, 1),
        (("irregular_streaks",), 1, 1),
        (("irregular_pigmentation",), 1, 1),
        (("irregular_dots_globules",), 1, 1),
        (("regression_structures",), 1, 1),
        (tuple(LABELS), 10, 7),
    ],
)
def test_every_feature_has_its_published_weight(
    present: tuple[str, ...], score: int, revised: int
) -> None:
    checklist = SevenPoint.of(present)
    assert (checklist.score, checklist.revised_score) == (score, revised)


def test_one_major_and_one_minor_feature_reach_the_threshold() -> None:
    for major in MAJOR:
        assert not SevenPoint.of({major}).is_suspicious
        for minor in MINOR:
            assert SevenPoint.of({major, minor}).is_suspicious


def test_two_minor_features_do_not_reach_it_and_three_do() -> None:
    for chosen in combinations(MINOR, 2):
        assert not SevenPoint.of(chosen).is_suspicious
    for chosen in combinations(MINOR, 3):
        assert SevenPoint.of(chosen).is_suspicious


def test_any_single_feature_reaches_the_revised_threshold() -> None:
    assert not SevenPoint().is_suspicious_revised
    assert all(SevenPoint.of({name}).is_suspicious_revised for name in LABELS)


@given(st.sampled_from(SUBSETS), st.sampled_from(sorted(LABELS)))
def test_one_more_feature_never_lowers_a_score(present: frozenset[str], more: str) -> None:
    fewer, added = SevenPoint.of(present), SevenPoint.of(present | {more})
    assert added.score >= fewer.score
    assert added.revised_score >= fewer.revised_score
    assert added.is_suspicious or not fewer.is_suspicious


@given(st.sampled_from(SUBSETS), st.integers(), st.integers())
def test_what_was_written_is_read_again_and_a_sent_score_is_not_believed(
    present: frozenset[str], score: int, revised: int
) -> None:
    checklist = SevenPoint.of(present)
    sent = checklist.to_json() | {"score": score, "revised_score": revised}
    assert SevenPoint.from_json(sent) == checklist
    assert SevenPoint.from_json(sent).to_json() == checklist.to_json()


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (None, "must be an object"),
        ([], "must be an object"),
        ("atypical_network", "must be an object"),
        ({}, "Say true or false for “Atypical pigment network”"),
        (NOTHING | {"irregular_streaks": 1}, "Say true or false for “Irregular streaks”"),
        (NOTHING | {"irregular_streaks": "true"}, "Say true or false for “Irregular streaks”"),
        (NOTHING | {"irregular_streaks": None}, "Say true or false for “Irregular streaks”"),
        (NOTHING | {"milia_like_cysts": True}, "no feature “milia_like_cysts”"),
        (NOTHING | {3: True}, "no feature “3”"),
    ],
)
def test_what_the_checklist_does_not_know_is_refused(value: Any, sentence: str) -> None:
    with pytest.raises(WrongCriteria, match=sentence):
        SevenPoint.from_json(value)


def test_a_feature_of_another_list_cannot_be_ticked() -> None:
    with pytest.raises(WrongCriteria, match="no feature “none”"):
        SevenPoint.of({"none"})


def test_its_words_say_where_it_stands_beside_both_thresholds() -> None:
    four = SevenPoint.of({"blue_whitish_veil", "irregular_streaks", "regression_structures"})
    assert four.words() == (
        "7-point checklist 4 of 10, at or above 3; revised 3 of 7, at or above 1"
    )
    assert SevenPoint().words() == "7-point checklist 0 of 10, below 3; revised 0 of 7, below 1"
