"""The start page by role, and the search."""

import pytest
from django.urls import reverse

from accounts.models import Organisation, User
from clinic.services import cancel_case
from tests.cast import signed_in
from tests.factories import CaseFactory, PatientFactory


def test_a_clinician_sees_their_own_open_cases(
    alice: User, dana: User, northside: Organisation
) -> None:
    patient = PatientFactory(organisation=northside)
    CaseFactory(patient=patient, number=1, submitter=alice)
    CaseFactory(patient=patient, number=2, submitter=alice, submitted=True)
    CaseFactory(patient=patient, number=3, submitter=dana, submitted=True)
    gone = CaseFactory(patient=patient, number=4, submitter=alice)
    cancel_case(case=gone, actor=alice, reason="Sent twice.")
    response = signed_in(alice).get("/")
    assert [case.number for case in response.context["open_cases"]] == [2, 1]
    assert "You have 2 open cases, 1 still a draft." in " ".join(response.content.decode().split())


def test_a_new_clinician_is_told_how_to_begin(alice: User) -> None:
    page = signed_in(alice).get("/").content.decode()
    assert "No open case" in page
    assert f"{reverse('patient-list')}?for=case" in page


def test_a_dermatologist_sees_what_waits_most_urgent_first(
    dana: User, northside: Organisation
) -> None:
    patient = PatientFactory(organisation=northside)
    CaseFactory(patient=patient, number=1, submitted=True, malignancy=0.9)
    CaseFactory(patient=patient, number=2, submitted=True, priority=2)
    CaseFactory(patient=patient, number=3)
    response = signed_in(dana).get("/")
    assert [case.number for case in response.context["next_cases"]] == [2, 1]
    counts = [(row["priority"].label, row["count"]) for row in response.context["waiting"]]
    assert counts == [("Emergency", 1), ("Urgent", 0), ("Routine", 1)]
    page = response.content.decode()
    assert "2 cases wait for a read" in page
    assert reverse("worklist-next") in page


def test_a_dermatologist_with_nothing_to_read_is_not_sent_to_the_next(dana: User) -> None:
    page = signed_in(dana).get("/").content.decode()
    assert "Everything is read" in page
    assert reverse("worklist-next") not in page


def test_an_administrator_sees_people_and_the_way_to_the_administration(
    ada: User, alice: User, dana: User
) -> None:
    response = signed_in(ada).get("/")
    assert response.context["people"] == [
        ("Clinician", 1),
        ("Dermatologist", 1),
        ("Administrator", 1),
    ]
    assert reverse("admin:index") in response.content.decode()


@pytest.mark.parametrize(
    ("text", "patients", "cases"),
    [("okon", 1, 1), ("C-00007", 0, 1), ("7", 0, 1), ("NS-1", 1, 1), ("nobody", 0, 0), ("", 0, 0)],
)
def test_one_search_finds_patients_and_cases(
    alice: User, northside: Organisation, text: str, patients: int, cases: int
) -> None:
    patient = PatientFactory(
        organisation=northside, family_name="Okonkwo", medical_record_number="NS-1"
    )
    CaseFactory(patient=patient, number=7)
    context = signed_in(alice).get(reverse("search"), {"q": text}).context
    assert (context.get("patient_count", 0), context.get("case_count", 0)) == (patients, cases)
