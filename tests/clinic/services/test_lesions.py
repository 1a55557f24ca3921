"""Marking lesions on a patient."""

import uuid
from typing import Any

import pytest

from accounts.errors import Conflict, InvalidInput, NotAllowed
from accounts.models import Organisation, User
from clinic.models import Lesion, Patient
from clinic.services import amend_lesion, register_lesion
from tests.factories import PatientFactory


@pytest.fixture
def patient(northside: Organisation) -> Patient:
    return PatientFactory(organisation=northside)


def test_lesions_are_numbered_within_their_patient(
    alice: User, patient: Patient, northside: Organisation
) -> None:
    other = PatientFactory(organisation=northside)
    numbers = [
        register_lesion(patient=person, actor=alice, body_site="back").number
        for person in (patient, patient, other, patient)
    ]
    assert numbers == [1, 2, 1, 3]


def test_a_form_posted_twice_marks_one_lesion(alice: User, patient: Patient) -> None:
    key = uuid.uuid4()
    for _ in range(2):
        register_lesion(patient=patient, actor=alice, key=key, body_site="back")
    assert Lesion.objects.count() == 1


def test_a_key_of_another_patients_lesion_is_refused(
    alice: User, patient: Patient, northside: Organisation
) -> None:
    other = PatientFactory(organisation=northside)
    lesion = register_lesion(patient=other, actor=alice, body_site="back")
    with pytest.raises(Conflict, match="This form has expired"):
        register_lesion(patient=patient, actor=alice, key=lesion.pk, body_site="face")


@pytest.mark.parametrize(
    ("fields", "field", "sentence"),
    [
        ({"body_site": "tail"}, "body_site", "Choose a body site"),
        ({"body_site": "back", "map_x": 0.5}, "map_x", "needs both coordinates"),
        ({"body_site": "back", "map_x": 1.5, "map_y": 0.5, "view": "back"}, "map_x", "outside"),
        ({"body_site": "back", "map_x": 0.5, "map_y": 0.5}, "view", "front or back"),
        ({"body_site": "back", "number": 7}, None, "A lesion has no number"),
    ],
)
def test_a_mark_that_makes_no_sense_is_refused(
    alice: User, patient: Patient, fields: dict[str, Any], field: str | None, sentence: str
) -> None:
    with pytest.raises(InvalidInput, match=sentence) as refusal:
        register_lesion(patient=patient, actor=alice, **fields)
    assert refusal.value.field == field
    assert not Lesion.objects.exists()


def test_a_lesion_is_corrected_and_keeps_its_number(alice: User, patient: Patient) -> None:
    lesion = register_lesion(patient=patient, actor=alice, body_site="back")
    amend_lesion(lesion=lesion, actor=alice, body_site="shoulder", side="left", history="Itches.")
    lesion.refresh_from_db()
    assert (lesion.number, lesion.site_label, lesion.history) == (1, "Left shoulder", "Itches.")


def test_only_who_works_there_marks_or_corrects(
    alice: User, ada: User, bob: User, patient: Patient
) -> None:
    lesion = register_lesion(patient=patient, actor=alice, body_site="back")
    for person in (ada, bob):
        with pytest.raises(NotAllowed):
            register_lesion(patient=patient, actor=person, body_site="face")
        with pytest.raises(NotAllowed):
            amend_lesion(lesion=lesion, actor=person, body_site="face")
    lesion.refresh_from_db()
    assert lesion.body_site == "back"
