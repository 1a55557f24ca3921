"""Finding cases, and what happened to one."""

from typing import Any

import pytest

from accounts.models import Organisation, User
from clinic.models import Case, CaseState
from clinic.selectors.case_history import case_history
from clinic.selectors.case_search import count_by_state, search_cases, with_summary
from clinic.services import cancel_case
from tests.clinic.reading_cases import add_picture, waiting_case
from tests.factories import CaseFactory, PatientFactory


@pytest.fixture
def cases(northside: Organisation, alice: User, dana: User) -> dict[str, Case]:
    patient = PatientFactory(organisation=northside, family_name="Okonkwo", given_name="Ngozi")
    return {
        "draft": CaseFactory(patient=patient, number=42, submitter=alice),
        "waiting": CaseFactory(patient=patient, number=142, submitter=dana, submitted=True),
    }


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, {"draft", "waiting"}),
        ({"text": "ngozi"}, {"draft", "waiting"}),
        ({"text": "42"}, {"draft"}),
        ({"text": "C-00142"}, {"waiting"}),
        ({"text": "ngozi 142"}, {"waiting"}),
        ({"states": ["draft"]}, {"draft"}),
        ({"text": "nobody"}, set()),
    ],
)
def test_cases_are_found(
    northside: Organisation,
    alice: User,
    cases: dict[str, Case],
    filters: dict[str, Any],
    found: set[str],
) -> None:
    rows = search_cases(alice, organisation=northside, **filters)
    assert set(rows) == {cases[name] for name in found}


def test_cases_are_counted_by_state_and_by_who_submitted(
    northside: Organisation, alice: User, cases: dict[str, Case]
) -> None:
    everything = search_cases(alice, organisation=northside)
    none = dict.fromkeys(CaseState.values, 0)
    assert count_by_state(everything) == none | {"draft": 1, "submitted": 1}
    assert list(search_cases(alice, organisation=northside, submitter=alice)) == [cases["draft"]]


def test_a_row_knows_its_first_picture_and_how_many_there_are(
    northside: Organisation, alice: User
) -> None:
    case = waiting_case(northside, answer="none")
    first = case.images.get()
    add_picture(case, first.lesion)
    [row] = with_summary(search_cases(alice, organisation=northside))
    assert (row.first_image_id, row.image_count) == (first.pk, 2)  # type: ignore[attr-defined]


def test_a_stranger_finds_nothing(
    northside: Organisation, bob: User, cases: dict[str, Case]
) -> None:
    assert not search_cases(bob, organisation=northside).exists()


def test_the_history_says_what_happened_in_order(northside: Organisation, alice: User) -> None:
    case = CaseFactory(patient=PatientFactory(organisation=northside), submitter=alice)
    cancel_case(case=case, actor=alice, reason="Wrong patient.")
    history = case_history(alice, case)
    assert [entry.what for entry in history] == ["Draft started", "Cancelled"]
    assert history[-1].detail == "Wrong patient."
