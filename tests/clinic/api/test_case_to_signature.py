"""A records system registers, uploads and submits; a dermatologist signs; the answer is fetched."""

import pytest

from accounts.models import Organisation, User
from clinic.models import AccessLog, Case, LesionImage, Patient
from clinic.services import change_reading_policy
from inference.models import Prediction
from tests.api.senders import Sender, person, picture
from tests.clinic.reading_cases import second_dermatologist, sign_as, waiting_case
from tests.factories import PASSWORD, ModelVersionFactory

pytestmark = pytest.mark.django_db


def test_a_case_goes_from_the_first_request_to_the_signed_answer(
    records_system: Sender, dana: User
) -> None:
    ModelVersionFactory()
    patient = records_system.post(
        "/patients/",
        {"medical_record_number": "4711", "family_name": "Okafor", "birth_date": "1968-02-29"},
    )
    assert patient.status_code == 201
    assert patient["Location"].endswith(f"/api/v1/patients/{patient.json()['id']}/")
    lesion = records_system.post(
        "/lesions/", {"patient": patient.json()["id"], "body_site": "back", "side": "left"}
    )
    assert (lesion.status_code, lesion.json()["number"]) == (201, 1)
    case = records_system.post(
        "/cases/",
        {"patient": patient.json()["id"], "clinical_question": "Growing?", "priority": "urgent"},
    )
    assert (case.status_code, case.json()["state"]) == (201, "draft")
    case_key = case.json()["id"]

    image = records_system.upload(
        "/images/",
        {
            "case": case_key,
            "lesion": lesion.json()["id"],
            "kind": "dermoscopic",
            "file": picture(),
        },
    )
    assert image.status_code == 201, image.content
    assert (image.json()["width"], image.json()["height"]) == (160, 120)
    predictions = records_system.get("/predictions/", case=case_key).json()["results"]
    assert [row["state"] for row in predictions] == ["queued"]

    submitted = records_system.post(f"/cases/{case_key}/submit/")
    assert (submitted.status_code, submitted.json()["state"]) == (200, "submitted")

    dermatologist = person(dana)
    draft = dermatologist.post(
        "/reads/",
        {
            "case": case_key,
            "lesion": lesion.json()["id"],
            "diagnosis": "melanoma",
            "management": "excise",
            "comment": "Excise with 2 mm margin.",
        },
    )
    assert draft.status_code == 201, draft.content
    assert records_system.get("/reads/", case=case_key).json()["results"] == []
    for act, state in (("commit", "committed"), ("reveal", "revealed")):
        answer = dermatologist.post(f"/cases/{case_key}/{act}/")
        assert (answer.status_code, answer.json()["state"]) == (200, state)
    refused = dermatologist.post(f"/cases/{case_key}/sign/", {"password": "guessed"})
    assert (refused.status_code, refused.json()["code"]) == (400, "wrong_password")
    signed = dermatologist.post(f"/cases/{case_key}/sign/", {"password": PASSWORD})
    assert (signed.status_code, signed.json()["case_state"]) == (200, "final")
    assert len(signed.json()["digest"]) == 64

    (read,) = records_system.get("/reads/", case=case_key, state="signed").json()["results"]
    assert read["reader"] == "Dana Demir"
    assert read["diagnosis"]["malignancy"] == "malignant"
    assert (read["management"], read["comment"]) == ("excise", "Excise with 2 mm margin.")


def test_a_program_writes_under_its_own_name(records_system: Sender) -> None:
    answer = records_system.post("/patients/", {"medical_record_number": "1", "family_name": "A"})
    patient = Patient.objects.get(pk=answer.json()["id"])
    assert patient.registered_by is not None
    assert patient.registered_by.full_name == "Records system (API client)"
    assert patient.organisation.slug == "northside"


def test_the_stored_picture_comes_back_and_the_look_is_noted(
    records_system: Sender, alice: User
) -> None:
    case = _draft(records_system)
    image = LesionImage.objects.get(pk=_uploaded(records_system, case))
    full = records_system.get(f"/images/{image.pk}/file/")
    small = records_system.get(f"/images/{image.pk}/thumbnail/")
    with image.file.open() as stored:
        assert b"".join(full.streaming_content) == stored.read()
    assert full["Content-Type"] == "image/jpeg"
    assert int(full["Content-Length"]) == image.size_bytes
    assert "no-store" in full["Cache-Control"]
    assert small["Content-Type"] == "image/webp"
    assert b"".join(small.streaming_content)[8:12] == b"WEBP"
    assert sorted(AccessLog.objects.values_list("action", flat=True)) == ["download", "thumbnail"]


def test_a_refused_picture_names_the_reason_and_stores_nothing(records_system: Sender) -> None:
    case = _draft(records_system)
    broken = picture()
    broken.file.truncate(700)
    broken.size = 700
    answer = _upload(records_system, case, file=broken)
    assert answer.status_code == 400
    assert answer.json()["code"] == "truncated"
    assert answer.json()["errors"][0]["pointer"] == "#/file"
    assert "cut off" in answer.json()["detail"]
    assert not LesionImage.objects.exists()
    assert not Prediction.objects.exists()


def test_the_same_picture_twice_in_a_case_is_a_conflict(records_system: Sender) -> None:
    case = _draft(records_system)
    _uploaded(records_system, case)
    answer = _upload(records_system, case, file=picture())
    assert (answer.status_code, answer.json()["code"]) == (409, "duplicate_image")
    assert case.images.count() == 1


def test_a_picture_can_be_taken_out_of_a_draft_and_not_of_a_submitted_case(
    records_system: Sender,
) -> None:
    case = _draft(records_system)
    first = _uploaded(records_system, case)
    second = _uploaded(records_system, case, shade=200)
    assert records_system.delete(f"/images/{first}/").status_code == 204
    records_system.post(f"/cases/{case.pk}/submit/")
    answer = records_system.delete(f"/images/{second}/")
    assert (answer.status_code, answer.json()["code"]) == (409, "case_state")


def test_a_case_without_a_picture_cannot_be_submitted(records_system: Sender) -> None:
    case = _draft(records_system)
    answer = records_system.post(f"/cases/{case.pk}/submit/")
    assert (answer.status_code, answer.json()["code"]) == (400, "no_images")


def test_a_cancelled_case_keeps_its_reason(records_system: Sender) -> None:
    case = _draft(records_system)
    answer = records_system.post(f"/cases/{case.pk}/cancel/", {"reason": "Wrong patient."})
    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    assert answer.json()["cancelled_reason"] == "Wrong patient."


def test_a_misspelt_field_is_refused_instead_of_lost(records_system: Sender) -> None:
    answer = records_system.post(
        "/patients/",
        {"medical_record_number": "1", "family_name": "A", "birthdate": "1980-01-01"},
    )
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "#/birthdate"
    assert not Patient.objects.exists()


def test_a_pathology_result_stands_beside_the_lesion(records_system: Sender) -> None:
    case = _draft(records_system)
    lesion = case.patient.lesions.get()
    body = {"lesion": str(lesion.pk), "diagnosis": "melanoma", "method": "histo"}
    assert records_system.post("/pathology-results/", body).status_code == 201
    (row,) = records_system.get("/pathology-results/", lesion=lesion.pk).json()["results"]
    assert row["diagnosis"]["code"] == "melanoma"


def _draft(sender: Sender) -> Case:
    patient = sender.post("/patients/", {"medical_record_number": "1", "family_name": "A"}).json()
    sender.post("/lesions/", {"patient": patient["id"], "body_site": "back"})
    case = sender.post("/cases/", {"patient": patient["id"]}).json()
    return Case.objects.get(pk=case["id"])


def _upload(sender: Sender, case: Case, **fields: object):  # type: ignore[no-untyped-def]
    lesion = case.patient.lesions.get()
    return sender.upload("/images/", {"case": case.pk, "lesion": lesion.pk, **fields})


def _uploaded(sender: Sender, case: Case, *, shade: int = 120) -> str:
    answer = _upload(sender, case, file=picture(shade=shade))
    assert answer.status_code == 201, answer.content
    return answer.json()["id"]


def test_how_far_colleagues_are_is_withheld_from_who_may_still_read(
    northside: Organisation, alice: User, dana: User, ada: User
) -> None:
    """Also as a filter: asking for cases that await a second read finds none of them."""
    change_reading_policy(organisation=northside, actor=ada, second_read_share=100)
    case = waiting_case(northside, answer="none")
    erin = second_dermatologist(northside)
    sign_as(erin, case)

    def seen_by(user: User) -> tuple[str, int, int]:
        sender = person(user)
        found = [
            len(sender.get("/cases/", state=state).json()["results"])
            for state in ("submitted", "second_read")
        ]
        return sender.get(f"/cases/{case.pk}/").json()["state"], *found

    assert seen_by(dana) == ("submitted", 1, 0)
    for knowing in (erin, alice, ada):
        assert seen_by(knowing) == ("second_read", 0, 1)
    reading = person(dana).post(f"/cases/{case.pk}/assign/").json()
    assert (reading["role"], reading["case_state"]) == (None, None)
