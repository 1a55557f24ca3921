"""What stands in a read, and how it is read aloud."""

from typing import Any

import pytest
from django.template.loader import render_to_string

from clinic.criteria import ABCD, Criteria, SevenPoint, WrongCriteria

BOTH = Criteria(
    seven_point=SevenPoint.of({"blue_whitish_veil", "irregular_streaks", "regression_structures"}),
    abcd=ABCD(
        asymmetry=2, border=0, colours=("black", "red", "white"), structures=("dots", "globules")
    ),
)


def words(value: Any) -> str:
    html = render_to_string("clinic/reading/_criteria_words.html", {"criteria": value})
    return " ".join(html.split())


def test_nothing_used_is_an_empty_object_and_a_rule_not_begun_is_not_kept() -> None:
    assert Criteria().to_json() == {}
    assert Criteria(abcd=ABCD()).to_json() == {}
    assert Criteria.from_json({}) == Criteria()
    assert Criteria.from_json({"abcd": ABCD().to_json()}) == Criteria()


def test_a_checklist_without_a_feature_is_a_finding_and_is_kept() -> None:
    kept = Criteria(seven_point=SevenPoint()).to_json()
    assert kept["seven_point"]["score"] == 0
    assert Criteria.from_json(kept).seven_point == SevenPoint()


def test_the_server_computes_every_score_again() -> None:
    sent = BOTH.to_json()
    sent["seven_point"]["score"] = 0
    sent["seven_point"]["revised_score"] = 0
    sent["abcd"]["tds"] = 1.0
    kept = Criteria.from_json(sent).to_json()
    assert kept == BOTH.to_json()
    assert (kept["seven_point"]["score"], kept["seven_point"]["revised_score"]) == (4, 3)
    assert kept["abcd"]["tds"] == 5.1


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ([], "Criteria must be an object"),
        (None, "Criteria must be an object"),
        ({"menzies": {}}, "No criteria are named “menzies”"),
        ({"seven_point": None}, "The 7-point checklist must be an object"),
        ({"abcd": None}, "The ABCD rule must be an object"),
    ],
)
def test_what_is_not_criteria_is_refused_with_a_sentence(value: Any, sentence: str) -> None:
    with pytest.raises(WrongCriteria, match=sentence) as refusal:
        Criteria.from_json(value)
    assert (refusal.value.status, refusal.value.field) == (400, "criteria")


def test_a_signed_read_says_scores_and_what_was_seen() -> None:
    said = words(BOTH.to_json())
    assert "7-point checklist 4 of 10, at or above 3; revised 3 of 7, at or above 1" in said
    assert "blue-whitish veil, irregular streaks, regression structures" in said
    assert "ABCD 5.1, suspicious" in said
    assert "asymmetry 2; border 0; colours white, red, black; structures dots, globules" in said


def test_a_read_without_criteria_says_nothing() -> None:
    assert words({}) == ""
    assert words(None) == ""


def test_what_was_signed_in_another_form_still_opens() -> None:
    assert "in a way that this page cannot show" in words({"menzies": {"score": 3}})
