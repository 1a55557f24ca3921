"""Lists narrowed to what an integrator asks for."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import Organisation
from clinic.models import Case, PathologyResult, Read
from tests.api.senders import Sender
from tests.factories import (
    CaseFactory,
    LesionFactory,
    LesionImageFactory,
    PatientFactory,
    ReadingFactory,
    diagnosis,
)

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def found(sender: Sender, address: str, **query: object) -> list[str]:
    """Keys of the rows, oldest first."""
    answer = sender.get(address, **query)
    assert answer.status_code == 200, answer.content
    return [row["id"] for row in answer.json()["results"]][::-1]


def test_patients_by_number_name_and_birth_date(northside: Organisation, dashboard: Sender) -> None:
    ada = PatientFactory(organisation=northside, medical_record_number="47", family_name="Okafor")
    bea = PatientFactory(organisation=northside, medical_record_number="471", birth_date=None)
    assert found(dashboard, "/patients/", medical_record_number="47") == [str(ada.pk)]
    assert found(dashboard, "/patients/", family_name="OKAFOR") == [str(ada.pk)]
    assert found(dashboard, "/patients/", birth_date="1971-03-14") == [str(ada.pk)]
    assert found(dashboard, "/patients/", organisation=northside.pk) == [str(ada.pk), str(bea.pk)]


def test_cases_by_state_priority_and_the_time_they_were_submitted(
    northside: Organisation, dashboard: Sender
) -> None:
    patient = PatientFactory(organisation=northside)
    early, late = (
        CaseFactory(patient=patient, state="submitted", submitted_at=NOON + timedelta(hours=hours))
        for hours in (0, 1)
    )
    draft = CaseFactory(patient=patient, priority=2)
    other = CaseFactory(patient=PatientFactory(organisation=northside))
    assert found(dashboard, "/cases/", state="submitted") == [str(early.pk), str(late.pk)]
    assert found(dashboard, "/cases/", priority="emergency") == [str(draft.pk)]
    assert found(dashboard, "/cases/", patient=other.patient_id) == [str(other.pk)]
    assert found(dashboard, "/cases/", number=draft.number) == [str(draft.pk)]
    one = "2026-03-01T13:00:00Z"
    assert found(dashboard, "/cases/", submitted_from=one) == [str(late.pk)]
    assert found(dashboard, "/cases/", submitted_before=one) == [str(early.pk)]
    assert found(dashboard, "/cases/", submitted_from="2026-03-01T14:00:00+01:00") == [str(late.pk)]


def test_images_and_lesions_by_where_they_belong(
    northside: Organisation, dashboard: Sender
) -> None:
    case = CaseFactory(patient=PatientFactory(organisation=northside))
    back = LesionFactory(patient=case.patient, body_site="back")
    picture = LesionImageFactory(case=case, lesion=back, kind="overview")
    other = LesionImageFactory(case=CaseFactory(patient=PatientFactory(organisation=northside)))
    for query in ({"case": case.pk}, {"lesion": back.pk}, {"patient": case.patient_id},
                  {"kind": "overview"}, {"sha256": picture.sha256}):  # fmt: skip
        assert found(dashboard, "/images/", **query) == [str(picture.pk)]
    assert found(dashboard, "/images/") == [str(picture.pk), str(other.pk)]
    assert found(dashboard, "/lesions/", body_site="back") == [str(back.pk)]


def test_reads_and_results_by_diagnosis_and_time(
    northside: Organisation, dashboard: Sender
) -> None:
    case: Case = CaseFactory(patient=PatientFactory(organisation=northside), submitted=True)
    lesions = [LesionFactory(patient=case.patient) for _ in range(2)]
    reading = ReadingFactory(case=case)
    reader = reading.reader
    reads = [
        Read.objects.create(
            case=case, lesion=lesion, reader=reader, reading=reading, state="signed",
            management="excise",
            diagnosis=diagnosis(code), signed_at=NOON + timedelta(hours=hours),
        )
        for hours, (lesion, code) in enumerate(zip(lesions, ("melanoma", "nevus"), strict=True))
    ]  # fmt: skip
    result = PathologyResult.objects.create(
        lesion=lesions[1], diagnosis=diagnosis("nevus"), method="histo"
    )
    assert found(dashboard, "/reads/", diagnosis="melanoma") == [str(reads[0].pk)]
    assert found(dashboard, "/reads/", signed_from="2026-03-01T12:30:00Z") == [str(reads[1].pk)]
    assert found(dashboard, "/reads/", lesion=lesions[0].pk) == [str(reads[0].pk)]
    assert found(dashboard, "/pathology-results/", method="histo") == [str(result.pk)]
    assert found(dashboard, "/pathology-results/", diagnosis="melanoma") == []


def test_diagnoses_by_a_code_of_another_system(dashboard: Sender) -> None:
    rows = dashboard.get("/diagnoses/", ham10000="mel").json()["results"]
    assert "melanoma" in {row["code"] for row in rows}
    headings = dashboard.get("/diagnoses/", is_selectable="false").json()["results"]
    assert {row["is_selectable"] for row in headings} == {False}


def test_a_mark_on_the_body_map_can_be_moved_and_taken_away(
    northside: Organisation, records_system: Sender
) -> None:
    lesion = LesionFactory(
        patient=PatientFactory(organisation=northside), view="back", map_x=0.4, map_y=0.5
    )
    address = f"/lesions/{lesion.pk}/"
    assert records_system.patch(address, {"map_x": 0.6}).json()["map_x"] == 0.6
    refused = records_system.patch(address, {"view": ""})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "#/view")
    gone = records_system.patch(address, {"view": "", "map_x": None, "map_y": None})
    assert (gone.status_code, gone.json()["map_x"]) == (200, None)
