"""Registering patients and correcting their records."""

import uuid

import pytest

from accounts.errors import Conflict, InvalidInput, NotAllowed
from accounts.models import Organisation, User
from clinic.models import Patient
from clinic.services import amend_patient, register_patient
from tests.factories import PatientFactory

NAMES = {"family_name": "Okonkwo", "given_name": "Ngozi", "medical_record_number": "NS-1"}


def test_a_clinician_registers_a_patient(alice: User, northside: Organisation) -> None:
    patient = register_patient(organisation=northside, actor=alice, **NAMES)
    assert (patient.name, patient.organisation, patient.registered_by) == (
        "Okonkwo, Ngozi", northside, alice,
    )  # fmt: skip


def test_a_form_posted_twice_registers_one_patient(alice: User, northside: Organisation) -> None:
    key = uuid.uuid4()
    first = register_patient(organisation=northside, actor=alice, key=key, **NAMES)
    second = register_patient(organisation=northside, actor=alice, key=key, **NAMES)
    assert first == second
    assert Patient.objects.count() == 1


def test_a_key_of_another_organisations_patient_says_nothing_about_it(
    alice: User, northside: Organisation, southside: Organisation
) -> None:
    theirs = PatientFactory(organisation=southside)
    with pytest.raises(Conflict) as refusal:
        register_patient(organisation=northside, actor=alice, key=theirs.pk, **NAMES)
    assert theirs.family_name not in str(refusal.value)


def test_a_record_number_that_is_taken_is_refused_at_its_field(
    alice: User, northside: Organisation
) -> None:
    register_patient(organisation=northside, actor=alice, **NAMES)
    with pytest.raises(InvalidInput, match="NS-1 belongs to another patient") as refusal:
        register_patient(
            organisation=northside, actor=alice, **{**NAMES, "family_name": "Somebody"}
        )
    assert (refusal.value.field, refusal.value.code) == (
        "medical_record_number", "record_number_taken",
    )  # fmt: skip
    assert Patient.objects.count() == 1


def test_two_organisations_may_use_the_same_record_number(
    alice: User, bob: User, northside: Organisation, southside: Organisation
) -> None:
    register_patient(organisation=northside, actor=alice, **NAMES)
    register_patient(organisation=southside, actor=bob, **NAMES)
    assert Patient.objects.filter(medical_record_number="NS-1").count() == 2


def test_administrators_and_strangers_do_not_register_patients(
    ada: User, bob: User, northside: Organisation
) -> None:
    for person in (ada, bob):
        with pytest.raises(NotAllowed, match="Only clinicians or dermatologists"):
            register_patient(organisation=northside, actor=person, **NAMES)
    assert not Patient.objects.exists()


def test_a_field_that_no_patient_has_is_refused(alice: User, northside: Organisation) -> None:
    with pytest.raises(InvalidInput, match="A patient has no organisation_id"):
        register_patient(organisation=northside, actor=alice, **NAMES, organisation_id=uuid.uuid4())


def test_a_record_is_corrected(alice: User, northside: Organisation) -> None:
    patient = register_patient(organisation=northside, actor=alice, **NAMES)
    amend_patient(patient=patient, actor=alice, given_name="Ngozi Adaeze", sex="female")
    patient.refresh_from_db()
    assert (patient.given_name, patient.sex) == ("Ngozi Adaeze", "female")


def test_a_stranger_corrects_nothing(alice: User, bob: User, northside: Organisation) -> None:
    patient = register_patient(organisation=northside, actor=alice, **NAMES)
    with pytest.raises(NotAllowed):
        amend_patient(patient=patient, actor=bob, family_name="Changed")
    patient.refresh_from_db()
    assert patient.family_name == "Okonkwo"
