"""Finding, registering and correcting patients."""

import uuid
from datetime import date

import pytest
from django.urls import reverse

from accounts.models import Organisation, User
from clinic.models import Case, Patient
from tests.cast import signed_in
from tests.clinic.reading_cases import sign_as
from tests.factories import (
    CaseFactory,
    LesionFactory,
    LesionImageFactory,
    PatientFactory,
    diagnosis,
)

LIST = reverse("patient-list")
NEW = reverse("patient-create")


def entry(**changes: str) -> dict[str, str]:
    """What a person types to register somebody."""
    return {
        "key": str(uuid.uuid4()),
        "family_name": "Okonkwo",
        "given_name": "Ngozi",
        "medical_record_number": "NS-1",
        "birth_date": "1980-02-29",
        "approximate_age": "",
        "sex": "female",
        "fitzpatrick_type": "5",
        **changes,
    }


@pytest.mark.parametrize("text", ["ok", "Ngo", "4711", "okonkwo ngozi", "Okonkwo, N"])
def test_a_patient_is_found_by_a_few_letters(
    alice: User, northside: Organisation, text: str
) -> None:
    PatientFactory(
        organisation=northside,
        family_name="Okonkwo",
        given_name="Ngozi",
        medical_record_number="NS-4711",
    )
    PatientFactory(organisation=northside, family_name="Smith", given_name="Jane")
    page = signed_in(alice).get(LIST, {"q": text}).content.decode()
    assert "Okonkwo, Ngozi" in page
    assert "Smith" not in page


def test_the_search_while_typing_answers_with_the_results_alone(
    alice: User, northside: Organisation
) -> None:
    PatientFactory(organisation=northside, family_name="Okonkwo")
    response = signed_in(alice).get(
        LIST,
        {"q": "ok"},
        headers={"HX-Request": "true", "HX-Target": "patient-results"},
    )
    assert response.content.decode().strip().startswith('<div id="patient-results">')
    assert "HX-Request" in response["Vary"]


def test_a_search_without_a_match_offers_to_register_that_name(
    alice: User, northside: Organisation
) -> None:
    page = signed_in(alice).get(LIST, {"q": "Okonkwo Ngozi"}).content.decode()
    assert f"{NEW}?q=Okonkwo%20Ngozi" in page
    form = signed_in(alice).get(NEW, {"q": "Okonkwo Ngozi"}).content.decode()
    assert 'value="Okonkwo"' in form
    assert 'value="Ngozi"' in form


def test_pages_of_patients_join_without_a_gap(alice: User, northside: Organisation) -> None:
    PatientFactory.create_batch(30, organisation=northside)
    client = signed_in(alice)
    first = client.get(LIST).context["page"]
    second = client.get(LIST + first.older_url).context["page"]
    assert len(first.rows) == 25
    assert {*first.rows, *second.rows} == set(Patient.objects.all())
    assert second.older_url is None


def test_registering_leads_to_the_patient(alice: User, northside: Organisation) -> None:
    response = signed_in(alice).post(NEW, entry())
    patient = Patient.objects.get()
    assert response.url == reverse("patient-detail", args=[patient.pk])
    assert patient.organisation == northside
    assert patient.registered_by == alice
    assert patient.birth_date == date(1980, 2, 29)
    assert patient.fitzpatrick_type == 5


def test_a_form_posted_twice_registers_one_patient(alice: User) -> None:
    client, form = signed_in(alice), entry()
    first, second = client.post(NEW, form), client.post(NEW, form)
    assert first.url == second.url
    assert Patient.objects.count() == 1


def test_registering_on_the_way_to_a_case_starts_it_once(alice: User) -> None:
    client, form = signed_in(alice), entry()
    for _ in range(2):
        response = client.post(f"{NEW}?for=case", form)
    assert response.url == reverse("case-draft", args=[Case.objects.get().pk])


@pytest.mark.parametrize(
    "changes",
    [
        {"given_name": "ngozi", "birth_date": ""},  # the same names
        {"given_name": "N."},  # the same family name and birth date
    ],
)
def test_a_likely_duplicate_is_shown_and_nobody_is_registered(
    alice: User, northside: Organisation, changes: dict[str, str]
) -> None:
    twin = PatientFactory(
        organisation=northside,
        family_name="Okonkwo",
        given_name="Ngozi",
        birth_date=date(1980, 2, 29),
    )
    client, form = signed_in(alice), entry(**changes)
    response = client.post(NEW, form)
    assert response.status_code == 409
    assert reverse("patient-detail", args=[twin.pk]) in response.content.decode()
    assert Patient.objects.count() == 1
    assert client.post(NEW, form | {"register_anyway": "1"}).status_code == 302
    assert Patient.objects.count() == 2


def test_a_namesake_in_another_organisation_is_not_mentioned(
    alice: User, southside: Organisation
) -> None:
    PatientFactory(organisation=southside, family_name="Okonkwo", given_name="Ngozi")
    assert signed_in(alice).post(NEW, entry()).status_code == 302


def test_a_taken_record_number_names_its_holder(alice: User, northside: Organisation) -> None:
    holder = PatientFactory(organisation=northside, medical_record_number="NS-1")
    response = signed_in(alice).post(NEW, entry())
    page = response.content.decode()
    assert response.status_code == 400
    assert "The medical record number NS-1 belongs to another patient" in page
    assert reverse("patient-detail", args=[holder.pk]) in page
    assert 'value="Okonkwo"' in page  # nothing typed is lost
    assert Patient.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"family_name": "  "}, "This field is required"),
        ({"medical_record_number": ""}, "This field is required"),
        ({"birth_date": "2999-01-01"}, "lies in the future"),
        ({"birth_date": "1899-12-31"}, "lies before 1900"),
        ({"birth_date": "yesterday"}, "Enter a valid date"),
        ({"birth_date": "", "approximate_age": "121"}, "at most 120 years"),
        ({"birth_date": "", "approximate_age": "-1"}, "greater than or equal to 0"),
        ({"sex": "robot"}, "Select a valid choice"),
        ({"fitzpatrick_type": "7"}, "Select a valid choice"),
        ({"family_name": "x" * 101}, "at most 100 characters"),
        ({"medical_record_number": "\x00"}, "Null characters are not allowed"),
        ({"key": "not-a-key"}, "Enter a valid UUID"),
    ],
)
def test_an_entry_that_cannot_be_right_is_refused_with_a_sentence(
    alice: User, changes: dict[str, str], sentence: str
) -> None:
    response = signed_in(alice).post(NEW, entry(**changes))
    assert response.status_code == 400
    assert sentence in response.content.decode()
    assert Patient.objects.count() == 0


def test_a_birth_date_makes_an_approximate_age_superfluous(alice: User) -> None:
    signed_in(alice).post(NEW, entry(approximate_age="30"))
    assert Patient.objects.get().approximate_age is None


def test_a_correction_is_kept_with_what_stood_there_before(
    alice: User, northside: Organisation
) -> None:
    patient = PatientFactory(organisation=northside, family_name="Okonkow")
    address = reverse("patient-edit", args=[patient.pk])
    client = signed_in(alice)
    assert "Okonkow" in client.get(address).content.decode()
    response = client.post(address, entry())
    assert response.url == reverse("patient-detail", args=[patient.pk])
    patient.refresh_from_db()
    assert patient.family_name == "Okonkwo"
    assert [event.family_name for event in patient.events.order_by("pgh_id")] == [
        "Okonkow",
        "Okonkwo",
    ]


def test_a_correction_to_a_taken_number_is_refused(alice: User, northside: Organisation) -> None:
    PatientFactory(organisation=northside, medical_record_number="NS-1")
    patient = PatientFactory(organisation=northside, medical_record_number="NS-2")
    response = signed_in(alice).post(reverse("patient-edit", args=[patient.pk]), entry())
    assert response.status_code == 400
    patient.refresh_from_db()
    assert patient.medical_record_number == "NS-2"


def test_the_page_of_a_patient_shows_what_is_known(
    alice: User, dana: User, northside: Organisation
) -> None:
    patient = PatientFactory(organisation=northside)
    lesion = LesionFactory(patient=patient, view="front", map_x=0.79, map_y=0.45)
    case = CaseFactory(patient=patient, submitted=True, submitter=alice)
    LesionImageFactory(case=case, lesion=lesion)
    newest = LesionImageFactory(case=case, lesion=lesion)
    sign_as(dana, case, "melanoma", "excise")
    page = signed_in(alice).get(reverse("patient-detail", args=[patient.pk])).content.decode()
    assert reverse("image-thumbnail", args=[newest.pk]) in page
    assert "Melanoma" in page
    assert "Dana Demir" in page
    assert 'aria-label="Lesion 1: Left forearm, front' in page
    assert case.reference in page


def test_pathology_outranks_the_signed_read(
    alice: User, dana: User, northside: Organisation
) -> None:
    from clinic.services import record_pathology

    patient = PatientFactory(organisation=northside)
    lesion = LesionFactory(patient=patient)
    case = CaseFactory(patient=patient, submitted=True)
    LesionImageFactory(case=case, lesion=lesion)
    sign_as(dana, case, "melanoma", "excise")
    record_pathology(
        lesion=lesion, diagnosis=diagnosis("dermatofibroma"), method="histo", actor=alice
    )
    response = signed_in(alice).get(reverse("patient-detail", args=[patient.pk]))
    [summary] = response.context["summaries"]
    assert summary.pathology[0].diagnosis.code == "dermatofibroma"
    card = response.content.decode().split("lesion-card-body")[1].split("</li>")[0]
    assert "Dermatofibroma" in card
    assert card.index("Dermatofibroma") < card.index("Read as Melanoma")
