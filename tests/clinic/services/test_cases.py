"""The life of a case."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from django.db import connection

from accounts.errors import Conflict, InvalidInput, NotAllowed
from accounts.models import Organisation, User
from clinic.models import Case, CaseState, Patient, Priority
from clinic.services import (
    amend_case,
    cancel_case,
    record_case_malignancy,
    start_case,
    submit_case,
)
from tests.factories import CaseFactory, LesionImageFactory, PatientFactory


@pytest.fixture
def patient(northside: Organisation) -> Patient:
    return PatientFactory(organisation=northside)


@pytest.fixture
def draft(patient: Patient, alice: User) -> Case:
    return start_case(patient=patient, actor=alice, clinical_question="Grew?")


def test_cases_are_numbered_within_their_organisation(
    alice: User, bob: User, patient: Patient, southside: Organisation
) -> None:
    first = start_case(patient=patient, actor=alice)
    second = start_case(patient=patient, actor=alice)
    theirs = start_case(patient=PatientFactory(organisation=southside), actor=bob)
    assert [case.reference for case in (first, second, theirs)] == [
        "C-00001", "C-00002", "C-00001",
    ]  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_cases_started_at_the_same_moment_get_numbers_of_their_own(
    alice: User, patient: Patient
) -> None:
    def start(_: int) -> int:
        try:
            return start_case(patient=patient, actor=alice).number
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        numbers = sorted(pool.map(start, range(8)))
    assert numbers == list(range(1, 9))


def test_a_form_posted_twice_opens_one_case(alice: User, patient: Patient) -> None:
    key = uuid.uuid4()
    for _ in range(2):
        start_case(patient=patient, actor=alice, key=key)
    assert Case.objects.count() == 1


def test_a_priority_that_does_not_exist_is_refused(alice: User, patient: Patient) -> None:
    with pytest.raises(InvalidInput, match="Choose a priority") as refusal:
        start_case(patient=patient, actor=alice, priority=7)
    assert refusal.value.field == "priority"


def test_a_draft_is_amended(alice: User, draft: Case) -> None:
    amend_case(case=draft, actor=alice, clinical_question=" Bleeds. ", priority=Priority.URGENT)
    draft.refresh_from_db()
    assert (draft.clinical_question, draft.priority) == ("Bleeds.", Priority.URGENT)


def test_what_a_case_does_not_have_cannot_be_amended(alice: User, draft: Case) -> None:
    with pytest.raises(InvalidInput, match="A case has no state"):
        amend_case(case=draft, actor=alice, state="final")


def test_a_case_without_images_is_not_submitted(alice: User, draft: Case) -> None:
    with pytest.raises(InvalidInput, match="Add at least one image") as refusal:
        submit_case(case=draft, actor=alice)
    assert refusal.value.code == "no_images"


def test_submitting_notes_who_and_when_and_twice_is_once(
    alice: User, dana: User, draft: Case
) -> None:
    LesionImageFactory(case=draft)
    submitted = submit_case(case=draft, actor=dana)
    again = submit_case(case=draft, actor=alice)
    assert submitted.state == CaseState.SUBMITTED
    assert (again.submitted_at, again.submitter) == (submitted.submitted_at, dana)


def test_what_was_submitted_is_not_changed_any_more(alice: User, draft: Case) -> None:
    LesionImageFactory(case=draft)
    submit_case(case=draft, actor=alice)
    with pytest.raises(Conflict, match="can no longer be changed"):
        amend_case(case=draft, actor=alice, clinical_question="Another")


def test_a_case_is_cancelled_with_a_reason(alice: User, draft: Case) -> None:
    with pytest.raises(InvalidInput, match="Give a reason"):
        cancel_case(case=draft, actor=alice, reason="  ")
    cancelled = cancel_case(case=draft, actor=alice, reason="Wrong patient.")
    assert (cancelled.state, cancelled.cancelled_reason) == (CaseState.CANCELLED, "Wrong patient.")
    with pytest.raises(Conflict):
        submit_case(case=draft, actor=alice)


def test_a_final_case_is_neither_submitted_nor_cancelled(alice: User, draft: Case) -> None:
    Case.objects.filter(pk=draft.pk).update(
        state="final", submitted_at=draft.created_at, finalised_at=draft.created_at
    )
    with pytest.raises(Conflict):
        submit_case(case=draft, actor=alice)
    with pytest.raises(Conflict):
        cancel_case(case=draft, actor=alice, reason="Too late.")


def test_only_who_works_there_has_a_say(
    ada: User, bob: User, draft: Case, patient: Patient
) -> None:
    LesionImageFactory(case=draft)
    for person in (ada, bob):
        with pytest.raises(NotAllowed):
            start_case(patient=patient, actor=person)
        with pytest.raises(NotAllowed):
            amend_case(case=draft, actor=person, priority=2)
        with pytest.raises(NotAllowed):
            submit_case(case=draft, actor=person)
        with pytest.raises(NotAllowed):
            cancel_case(case=draft, actor=person, reason="Because.")
    draft.refresh_from_db()
    assert draft.state == CaseState.DRAFT


@pytest.mark.django_db
def test_the_malignancy_is_kept_for_the_worklist() -> None:
    answered, unanswered = CaseFactory(), CaseFactory(malignancy=0.4)
    values: dict[UUID, float | None] = {answered.pk: 0.8, unanswered.pk: None}
    record_case_malignancy(malignancy_by_case=values)
    for case in (answered, unanswered):
        case.refresh_from_db()
    assert (answered.malignancy, answered.urgency) == (0.8, 0.8)
    assert (unanswered.malignancy, unanswered.urgency) == (None, -1.0)
