"""The worklist: its order, its filters, its neighbours."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Organisation, User
from clinic.models import AnnotationPick, Case
from clinic.selectors import (
    WorklistOrder,
    cases_ahead,
    count_by_priority,
    filter_worklist,
    next_to_read,
    ordered_worklist,
    worklist,
    worklist_counts,
    worklist_order,
)
from clinic.selectors.desks import case_ahead
from clinic.services import change_reading_policy
from tests.factories import CaseFactory, LesionFactory, LesionImageFactory, PatientFactory


def waits(organisation: Organisation, hours: float = 1, **fields: Any) -> Case:
    patient = PatientFactory(organisation=organisation, **fields.pop("patient", {}))
    at = timezone.now() - timedelta(hours=hours)
    return CaseFactory(patient=patient, submitted=True, submitted_at=at, **fields)


def ordered(user: User, organisation: Organisation) -> QuerySet[Case]:
    """The worklist as its page shows it."""
    return worklist(user, organisation).order_by(*worklist_order(organisation))


@pytest.fixture
def open_eyes(northside: Organisation, ada: User) -> None:
    change_reading_policy(organisation=northside, actor=ada, blind=False)


@pytest.mark.usefixtures("open_eyes")
def test_the_most_urgent_comes_first(northside: Organisation, dana: User) -> None:
    old_routine = waits(northside, hours=500, malignancy=0.9)
    unanswered = waits(northside, hours=900)
    likely = waits(northside, priority=1, malignancy=0.8)
    likely_and_older = waits(northside, hours=2, priority=1, malignancy=0.8)
    unlikely = waits(northside, hours=300, priority=1, malignancy=0.1)
    emergency = waits(northside, hours=0, priority=2)
    assert list(ordered(dana, northside)) == [
        emergency, likely_and_older, likely, unlikely, old_routine, unanswered,
    ]  # fmt: skip


def test_a_blind_order_says_nothing_of_the_model(northside: Organisation, dana: User) -> None:
    likely = waits(northside, hours=1, malignancy=0.99)
    oldest = waits(northside, hours=3, malignancy=0.01)
    emergency = waits(northside, hours=0, priority=2)
    unanswered = waits(northside, hours=2)
    assert list(ordered(dana, northside)) == [emergency, oldest, unanswered, likely]


def test_only_submitted_cases_of_this_organisation_wait(
    northside: Organisation, southside: Organisation, dana: User, bob: User
) -> None:
    case = waits(northside)
    waits(southside)
    patient = case.patient
    CaseFactory(patient=patient, number=901)
    CaseFactory(patient=patient, number=902, state="cancelled", cancelled_reason="Twice.")
    now = timezone.now()
    CaseFactory(patient=patient, number=903, state="final", submitted_at=now, finalised_at=now)
    assert list(worklist(dana, northside)) == [case]
    assert not worklist(bob, northside).exists()


@pytest.mark.parametrize("blind", [True, False])
def test_the_order_comes_from_one_index(
    northside: Organisation, dana: User, ada: User, *, blind: bool
) -> None:
    change_reading_policy(organisation=northside, actor=ada, blind=blind)
    for number in range(30):
        waits(northside, hours=number, priority=number % 3, malignancy=number / 30)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
    plan = ordered(dana, northside)[:25].explain()
    assert ("case_worklist_blind" in plan) == blind
    assert "case_worklist" in plan
    assert "Sort" not in plan


def test_the_counts_are_by_priority(northside: Organisation, dana: User) -> None:
    for priority in (0, 0, 2):
        waits(northside, priority=priority)
    assert worklist_counts(dana, northside) == {0: 2, 2: 1}
    urgent = worklist(dana, northside).filter(priority=2)
    assert count_by_priority(urgent) == {2: 1}


@pytest.fixture
def three(northside: Organisation) -> dict[str, Case]:
    """Three cases that differ in everything that can be filtered by."""
    face = waits(
        northside, hours=30 * 24, priority=2, clinical_question="Bleeds since May.",
        patient={"family_name": "Okonkwo", "given_name": "Ngozi"}, number=42,
    )  # fmt: skip
    back = waits(
        northside, hours=2 * 24, clinical_question="New.",
        patient={"family_name": "Li", "given_name": "Wei", "medical_record_number": "NS-777"},
        number=43,
    )  # fmt: skip
    both = waits(
        northside, hours=1, priority=1, clinical_question="",
        patient={"family_name": "Wójcik", "given_name": "Ola"}, number=142,
    )  # fmt: skip
    for case, places in ((face, ["face"]), (back, ["back"]), (both, ["face", "back", "face"])):
        for site in places:
            lesion = LesionFactory(patient=case.patient, body_site=site)
            LesionImageFactory(case=case, lesion=lesion)
    return {"face": face, "back": back, "both": both}


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, ["face", "both", "back"]),
        ({"priority": 2}, ["face"]),
        ({"priority": 0}, ["back"]),
        ({"body_site": "face"}, ["face", "both"]),
        ({"body_site": "back"}, ["both", "back"]),
        ({"body_site": "foot"}, []),
        ({"waiting_days": 1}, ["face", "back"]),
        ({"waiting_days": 7}, ["face"]),
        ({"text": "okon"}, ["face"]),
        ({"text": "Li, Wei"}, ["back"]),
        ({"text": "777"}, ["back"]),
        ({"text": "bleeds"}, ["face"]),
        ({"text": "C-00042"}, ["face"]),
        ({"text": "142"}, ["both"]),
        ({"text": "wei bleeds"}, []),
        ({"text": "ola", "body_site": "back", "priority": 1}, ["both"]),
    ],
)
def test_the_worklist_is_filtered(
    northside: Organisation,
    dana: User,
    three: dict[str, Case],
    filters: dict[str, Any],
    found: list[str],
) -> None:
    cases = filter_worklist(ordered(dana, northside), **filters)
    assert list(cases) == [three[name] for name in found]


def test_the_next_case_is_the_most_urgent_or_the_one_behind(
    northside: Organisation, dana: User
) -> None:
    assert next_to_read(dana, northside) is None
    third = waits(northside, hours=1)
    second = waits(northside, hours=9)
    first = waits(northside, priority=1)
    assert next_to_read(dana, northside) == first
    assert next_to_read(dana, northside, after=first) == second
    assert next_to_read(dana, northside, after=second) == third
    assert next_to_read(dana, northside, after=third) is None
    assert [cases_ahead(dana, case) for case in (first, second, third)] == [0, 1, 2]


def test_cases_that_are_alike_in_everything_are_all_reached(
    northside: Organisation, dana: User
) -> None:
    at = timezone.now()
    for _ in range(5):
        case = waits(northside)
        Case.objects.filter(pk=case.pk).update(submitted_at=at)
    seen, case = [], next_to_read(dana, northside)
    while case is not None:
        seen.append(case)
        case = next_to_read(dana, northside, after=case)
    assert len(set(seen)) == len(seen) == 5


def picked(case: Case, rank: int) -> Case:
    """The case is one of those that the next model would learn from."""
    AnnotationPick.objects.create(
        case=case, organisation=case.organisation, rank=rank, reason="uncertain"
    )
    return case


def test_by_learning_the_picks_come_in_their_order_and_then_the_longest_wait(
    northside: Organisation, dana: User
) -> None:
    fresh, old = waits(northside, hours=1), waits(northside, hours=90)
    second, first = picked(waits(northside, hours=50), 2), picked(waits(northside, hours=2), 1)
    by_learning = list(ordered_worklist(dana, northside, WorklistOrder.LEARNING))
    assert by_learning == [first, second, old, fresh]
    assert list(ordered_worklist(dana, northside)) == [old, second, first, fresh]


def test_nobody_urgent_waits_for_a_model_to_learn(northside: Organisation, dana: User) -> None:
    picks = [picked(waits(northside), rank) for rank in (1, 2)]
    urgent, emergency = waits(northside, priority=1), picked(waits(northside, priority=2), 9)
    by_learning = list(ordered_worklist(dana, northside, WorklistOrder.LEARNING))
    assert by_learning == [emergency, urgent, *picks]


@pytest.mark.usefixtures("open_eyes")
def test_by_learning_the_model_s_malignancy_is_in_no_order(
    northside: Organisation, dana: User
) -> None:
    older, riskier = waits(northside, hours=9, malignancy=0.1), waits(northside, malignancy=0.9)
    assert list(ordered_worklist(dana, northside)) == [riskier, older]
    assert list(ordered_worklist(dana, northside, WorklistOrder.LEARNING)) == [older, riskier]


def test_reading_on_by_learning_reaches_every_case_once(
    northside: Organisation, dana: User
) -> None:
    by = WorklistOrder.LEARNING
    for rank in (3, 1, 2):
        picked(waits(northside, hours=5, priority=rank % 2), rank)
    for _ in range(3):
        waits(northside)
    expected = list(ordered_worklist(dana, northside, by))
    seen, case = [], next_to_read(dana, northside, by=by)
    while case is not None:
        seen.append(case)
        # As the desk has it: from the record, without what the list had annotated.
        after = Case.objects.get(pk=case.pk)
        assert cases_ahead(dana, after, by) == len(seen) - 1
        assert case_ahead(dana, northside, by=by) == expected[0]
        case = next_to_read(dana, northside, after=after, by=by)
    assert seen == expected
    assert len(set(seen)) == 6


def test_another_organisation_s_picks_change_nothing_here(
    northside: Organisation, southside: Organisation, dana: User
) -> None:
    here = waits(northside)
    picked(waits(southside), 1)
    assert list(ordered_worklist(dana, northside, WorklistOrder.LEARNING)) == [here]
