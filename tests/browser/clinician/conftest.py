"""A patient of Alice's, and a case she has begun."""

import pytest

from accounts.models import Organisation, User
from clinic.models import Case, Patient
from clinic.services import start_case
from tests.factories import PatientFactory


@pytest.fixture
def patient(northside: Organisation) -> Patient:
    return PatientFactory(
        organisation=northside,
        family_name="Okonkwo",
        given_name="Ngozi",
        medical_record_number="NS-4711",
    )


@pytest.fixture
def draft(patient: Patient, alice: User) -> Case:
    return start_case(patient=patient, actor=alice)
