"""The form of criteria: what a browser sends becomes what a read keeps."""

from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import QueryDict
from django.template.loader import render_to_string

from clinic.criteria import ABCD, Criteria, SevenPoint
from clinic.forms.criteria import CriteriaForm

PREFIX = "lesion-5-criteria"
STORED = Criteria(
    seven_point=SevenPoint.of({"atypical_network"}),
    abcd=ABCD(asymmetry=1, border=4, colours=("red", "black"), structures=("dots",)),
).to_json()
AS_STORED = {
    "seven_point": ["atypical_network"],
    "asymmetry": "1",
    "border": "4",
    "colours": ["red", "black"],
    "structures": ["dots"],
}


def sent(**fields: Any) -> QueryDict:
    """What a browser posts from the form: an unticked box sends nothing."""
    named = {f"{PREFIX}-{name}": value for name, value in ({"shown": "1"} | fields).items()}
    return QueryDict(urlencode(named, doseq=True))


def test_ticks_become_criteria_with_the_servers_scores() -> None:
    form = CriteriaForm(
        sent(
            seven_point=["blue_whitish_veil", "irregular_streaks"],
            asymmetry="2",
            border="8",
            colours=["white", "red", "light_brown", "dark_brown", "blue_grey", "black"],
            structures=["network", "structureless", "branched_streaks", "dots", "globules"],
            score="0",
            tds="1.0",
        ),
        prefix=PREFIX,
    )
    kept = form.criteria()
    assert not form.errors
    assert (kept["seven_point"]["score"], kept["seven_point"]["revised_score"]) == (3, 2)
    assert kept["abcd"]["tds"] == 8.9


def test_nothing_ticked_is_nothing_used() -> None:
    assert CriteriaForm(sent(asymmetry="", border=""), prefix=PREFIX).criteria() == {}


def test_looked_for_and_not_seen_is_a_checklist_of_nought() -> None:
    kept = CriteriaForm(sent(seven_point=["none"]), prefix=PREFIX).criteria()
    assert kept["seven_point"]["score"] == 0
    assert not any(kept["seven_point"].values())


def test_none_and_a_feature_cannot_both_be() -> None:
    form = CriteriaForm(
        sent(seven_point=["none", "irregular_streaks"]), prefix=PREFIX, initial=STORED
    )
    assert form.criteria()["seven_point"] == STORED["seven_point"]
    assert form.errors["seven_point"] == ["Untick “None of these”, or the features that you saw."]


def test_everything_can_be_unticked_again() -> None:
    form = CriteriaForm(sent(asymmetry="", border=""), prefix=PREFIX, initial=STORED)
    assert form.has_changed()
    assert form.criteria() == {}


def test_a_post_that_never_showed_the_form_leaves_what_is_stored() -> None:
    other = QueryDict("lesion-5-comment=Hm.")
    form = CriteriaForm(other, prefix=PREFIX, initial=STORED)
    assert not form.has_changed()
    assert form.criteria() == STORED


@pytest.mark.parametrize(
    ("field", "wrong", "sentence"),
    [
        ("border", "9", "Count 0 to 8 eighths of the border."),
        ("asymmetry", "3", "Asymmetry is in no axis, one or both."),
        ("asymmetry", "one", "Asymmetry is in no axis, one or both."),
        ("colours", ["purple"], "Choose colours from the list."),
        ("structures", ["veil"], "Choose structures from the list."),
        ("seven_point", ["veil"], "Choose features from the 7-point checklist."),
    ],
)
def test_a_wrong_field_is_named_and_does_not_take_the_others_with_it(
    field: str, wrong: Any, sentence: str
) -> None:
    changed = AS_STORED | {"structures": ["dots", "globules"]} | {field: wrong}
    form = CriteriaForm(sent(**changed), prefix=PREFIX, initial=STORED)
    kept = form.criteria()
    assert form.errors == {field: [sentence]}
    if field != "structures":
        assert kept["abcd"]["structures"] == ["dots", "globules"]
    name = "seven_point" if field == "seven_point" else "abcd"
    stored = STORED[name] if field == "seven_point" else STORED["abcd"][field]
    assert (kept[name] if field == "seven_point" else kept["abcd"][field]) == stored


def test_what_is_stored_sent_back_is_no_change() -> None:
    form = CriteriaForm(sent(**AS_STORED), prefix=PREFIX, initial=STORED)
    assert not form.has_changed()
    assert form.criteria() == STORED


def test_a_draft_that_is_half_counted_is_kept_without_a_score() -> None:
    kept = CriteriaForm(sent(asymmetry="2", colours=["black"]), prefix=PREFIX).criteria()
    assert kept["abcd"]["colours"] == ["black"]
    assert kept["abcd"]["tds"] is None


def test_the_page_shows_the_score_before_any_script_runs() -> None:
    form = CriteriaForm(None, prefix=PREFIX, initial=STORED)
    html = " ".join(render_to_string("clinic/reading/_criteria.html", {"form": form}).split())
    assert "7-point 2 · ABCD 3.2" in html
    assert f'name="{PREFIX}-seven_point"' in html
    # Folded, unless something in it is refused.
    assert '<details class="criteria" data-criteria>' in html
    refused = CriteriaForm(sent(border="9"), prefix=PREFIX)
    refused.criteria()
    again = render_to_string("clinic/reading/_criteria.html", {"form": refused})
    assert "data-criteria open" in again
    assert "Count 0 to 8 eighths of the border." in again
