"""The page on which a patient's answer is recorded, and the API's way to do it."""

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Organisation, User
from clinic.models import DatasetTombstone, Patient
from tests.cast import signed_in
from tests.dataset_factories import a_version
from tests.factories import LesionImageFactory, PatientFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def patient(northside: Organisation) -> Patient:
    return PatientFactory(organisation=northside)


def post(user: User, patient: Patient, **fields: str) -> object:
    day = timezone.localdate().isoformat()
    return signed_in(user).post(
        reverse("patient-consent", args=[patient.pk]), {"research_consent_on": day, **fields}
    )


def test_the_answer_is_recorded_and_stands_on_the_patient_s_page(
    alice: User, patient: Patient
) -> None:
    post(alice, patient, research_consent="sharing")
    patient.refresh_from_db()
    assert patient.research_consent == "sharing"
    page = signed_in(alice).get(reverse("patient-detail", args=[patient.pk])).content.decode()
    assert "Research: may train models and be passed on to researchers" in page


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, "Choose what the patient answered."),
        ({"research_consent": "withdrawn"}, "Select a valid choice"),
        ({"research_consent": "sharing", "research_consent_on": "soon"}, "Give the date as"),
        ({"research_consent": "sharing", "research_consent_on": "2999-01-01"}, "in the future"),
    ],
)
def test_what_cannot_be_meant_is_said_at_its_field(
    alice: User, patient: Patient, fields: dict[str, str], sentence: str
) -> None:
    response = post(alice, patient, **fields)
    assert response.status_code == 400  # type: ignore[attr-defined]
    assert sentence in response.content.decode()  # type: ignore[attr-defined]
    patient.refresh_from_db()
    assert patient.research_consent == "not_asked"


def test_a_withdrawal_on_the_page_buries_the_rows(alice: User, northside: Organisation) -> None:
    image = LesionImageFactory(
        case__patient=PatientFactory(
            organisation=northside, research_consent="sharing", research_consent_on="2026-01-01"
        )
    )
    version = a_version(image)
    post(alice, image.case.patient, research_consent="withdrawn")
    assert DatasetTombstone.objects.get().row.version == version


def test_the_api_records_it_too(alice: User, patient: Patient) -> None:
    response = signed_in(alice).post(
        reverse("api-patient-consent", args=[patient.pk]),
        {"research_consent": "training"},
        content_type="application/json",
    )
    assert response.status_code == 200, response.content
    body = response.json()
    assert (body["research_consent"], body["research_consent_on"]) == (
        "training", timezone.localdate().isoformat(),
    )  # fmt: skip
