"""A POST that is sent again gets its first answer."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.db import connection, connections
from django.utils import timezone

from accounts.models import IdempotentAnswer, Organisation, User
from accounts.tasks import forget_idempotent_answers_task
from clinic.models import Case, LesionImage, Patient
from clinic.services import register_patient, start_case
from tests.api.senders import Sender, person, picture, program
from tests.factories import LesionFactory, OrganisationFactory, PatientFactory

PATIENT = {"medical_record_number": "4711", "family_name": "Okafor"}


@pytest.mark.django_db
class TestOneAfterTheOther:
    def test_the_second_request_gets_the_first_answer_and_does_nothing(
        self, records_system: Sender
    ) -> None:
        first = records_system.post("/patients/", PATIENT, Idempotency_Key="k1")
        second = records_system.post("/patients/", PATIENT, Idempotency_Key="k1")
        assert (first.status_code, second.status_code) == (201, 201)
        assert second.content == first.content
        assert second["Location"] == first["Location"]
        assert second["Content-Type"] == first["Content-Type"]
        assert second["Idempotent-Replayed"] == "true"
        assert "Idempotent-Replayed" not in first
        assert Patient.objects.count() == 1

    def test_without_the_header_every_request_counts(self, records_system: Sender) -> None:
        assert records_system.post("/patients/", PATIENT).status_code == 201
        assert records_system.post("/patients/", PATIENT).status_code == 400

    def test_a_refusal_is_remembered_too(self, records_system: Sender) -> None:
        body = PATIENT | {"sex": "?"}
        first = records_system.post("/patients/", body, Idempotency_Key="k1")
        second = records_system.post("/patients/", body, Idempotency_Key="k1")
        assert (first.status_code, second.status_code) == (400, 400)
        assert second.content == first.content
        assert second["Content-Type"] == "application/problem+json"
        assert second["Idempotent-Replayed"] == "true"

    @pytest.mark.parametrize(
        ("path", "body"),
        [
            ("/patients/", PATIENT | {"family_name": "Lindqvist"}),
            ("/lesions/", PATIENT),
            ("/patients/?x=1", PATIENT),
        ],
    )
    def test_the_key_of_another_request_is_refused(
        self, records_system: Sender, path: str, body: dict[str, str]
    ) -> None:
        records_system.post("/patients/", PATIENT, Idempotency_Key="k1")
        answer = records_system.post(path, body, Idempotency_Key="k1")
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
        assert Patient.objects.count() == 1

    def test_the_order_of_the_fields_does_not_make_another_request(
        self, records_system: Sender
    ) -> None:
        records_system.post("/patients/", PATIENT, Idempotency_Key="k1")
        turned = dict(reversed(PATIENT.items()))
        answer = records_system.post("/patients/", turned, Idempotency_Key="k1")
        assert answer["Idempotent-Replayed"] == "true"

    def test_a_key_belongs_to_its_sender(
        self, records_system: Sender, foreign_system: Sender
    ) -> None:
        mine = records_system.post("/patients/", PATIENT, Idempotency_Key="k1")
        theirs = foreign_system.post("/patients/", PATIENT, Idempotency_Key="k1")
        assert theirs.status_code == 201
        assert theirs.json()["id"] != mine.json()["id"]

    @pytest.mark.parametrize("key", ["", "x" * 256, "naïve", "two\tparts"])
    def test_a_key_that_is_none_is_refused(self, records_system: Sender, key: str) -> None:
        answer = records_system.post("/patients/", PATIENT, Idempotency_Key=key)
        assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_invalid")
        assert not Patient.objects.exists()

    def test_a_key_is_forgotten_after_a_day(self, records_system: Sender) -> None:
        records_system.post("/patients/", PATIENT, Idempotency_Key="k1")
        IdempotentAnswer.objects.update(created_at=timezone.now() - timedelta(hours=25))
        answer = records_system.post("/patients/", PATIENT, Idempotency_Key="k1")
        assert answer.json()["code"] == "record_number_taken"

    def test_the_sweep_deletes_what_is_older_than_a_day(self, records_system: Sender) -> None:
        records_system.post("/patients/", PATIENT, Idempotency_Key="old")
        IdempotentAnswer.objects.update(created_at=timezone.now() - timedelta(hours=25))
        records_system.post("/patients/", PATIENT, Idempotency_Key="new")
        assert forget_idempotent_answers_task() == 1
        assert IdempotentAnswer.objects.get().key == "new"

    def test_a_crash_is_not_remembered_and_its_work_is_undone(self, records_system: Sender) -> None:
        records_system.browser.raise_request_exception = False

        def register_and_crash(**fields: object) -> None:
            register_patient(**fields)  # type: ignore[arg-type]
            raise RuntimeError

        with patch("clinic.api.patients.register_patient", register_and_crash):
            crashed = records_system.post("/patients/", PATIENT, Idempotency_Key="k1")
        assert crashed.status_code == 500
        assert crashed["Content-Type"] == "application/problem+json"
        assert not Patient.objects.exists()
        assert records_system.post("/patients/", PATIENT, Idempotency_Key="k1").status_code == 201

    def test_nothing_is_remembered_of_a_sender_who_was_refused(self, nobody: Sender) -> None:
        assert nobody.post("/patients/", PATIENT, Idempotency_Key="k1").status_code == 401
        assert not IdempotentAnswer.objects.exists()

    def test_an_upload_is_recognised_by_its_file_whatever_the_boundary(
        self, records_system: Sender, northside: Organisation, alice: User
    ) -> None:
        fields = _draft(northside, alice)
        first = _upload(records_system, fields, file=picture(), order=1)
        second = _upload(records_system, fields, file=picture(), order=-1)
        assert (first.status_code, second.status_code) == (201, 201)
        assert second["Idempotent-Replayed"] == "true"
        assert LesionImage.objects.count() == 1
        other = _upload(records_system, fields, file=picture(shade=200), order=1)
        assert other.status_code == 422

    def test_actions_are_repeated_as_well(
        self, records_system: Sender, northside: Organisation, alice: User
    ) -> None:
        case = start_case(patient=PatientFactory(organisation=northside), actor=alice)
        address = f"/cases/{case.pk}/cancel/"
        first = records_system.post(address, {"reason": "Mistake."}, Idempotency_Key="k1")
        again = records_system.post(address, {"reason": "Mistake."}, Idempotency_Key="k1")
        assert (first.status_code, again.status_code) == (200, 200)
        assert records_system.post(address, {"reason": "Mistake."}).status_code == 409

    def test_people_with_a_session_have_keys_too(self, alice: User) -> None:
        first = person(alice).post("/patients/", PATIENT, Idempotency_Key="k1")
        second = person(alice).post("/patients/", PATIENT, Idempotency_Key="k1")
        assert second.json() == first.json()


def _draft(organisation: Organisation, actor: User) -> dict[str, object]:
    patient = PatientFactory(organisation=organisation)
    case: Case = start_case(patient=patient, actor=actor)
    return {"case": case.pk, "lesion": LesionFactory(patient=patient).pk, "kind": "close_up"}


def _upload(sender: Sender, fields: dict[str, object], *, file: object, order: int):  # type: ignore[no-untyped-def]
    items = list((fields | {"file": file}).items())[::order]
    boundary = f"boundary-{order}"
    from django.test.client import encode_multipart

    return sender.browser.generic(
        "POST",
        "/api/v1/images/",
        encode_multipart(boundary, dict(items)),
        content_type=f"multipart/form-data; boundary={boundary}",
        headers=sender.headers | {"Idempotency-Key": "k1"},
    )


@pytest.fixture
def committed_system(transactional_db: None) -> Iterator[Sender]:
    """A program whose rows other threads can see."""
    yield program(OrganisationFactory())
    connections.close_all()


class TestAtTheSameTime:
    """Real threads on PostgreSQL, each with its own connection."""

    def test_of_requests_at_the_same_time_one_works_and_the_others_wait_outside(
        self, committed_system: Sender
    ) -> None:
        inside, go_on = threading.Event(), threading.Event()

        def slow_registration(**fields: object) -> Patient:
            inside.set()
            assert go_on.wait(20)
            return register_patient(**fields)  # type: ignore[arg-type]

        with (
            patch("clinic.api.patients.register_patient", slow_registration),
            ThreadPoolExecutor(1) as pool,
        ):
            first = pool.submit(_post_and_close, committed_system)
            assert inside.wait(20)
            meanwhile = [
                committed_system.post("/patients/", PATIENT, Idempotency_Key="k1") for _ in range(2)
            ]
            go_on.set()
            answer = first.result(20)
        assert answer.status_code == 201
        for refused in meanwhile:
            assert (refused.status_code, refused.json()["code"]) == (409, "idempotency_in_progress")
            assert refused["Retry-After"] == "1"
        replay = committed_system.post("/patients/", PATIENT, Idempotency_Key="k1")
        assert (replay.content, replay["Idempotent-Replayed"]) == (answer.content, "true")
        assert Patient.objects.count() == 1

    def test_many_at_once_make_one_row(self, committed_system: Sender) -> None:
        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(_post_and_close, [committed_system] * 12))
        statuses = {answer.status_code for answer in answers}
        assert 201 in statuses
        assert statuses <= {201, 409}
        assert Patient.objects.count() == 1
        assert len({answer.content for answer in answers if answer.status_code == 201}) == 1

    def test_a_worker_that_dies_in_the_middle_blocks_no_key(self, committed_system: Sender) -> None:
        def die(**fields: object) -> Patient:
            register_patient(**fields)  # type: ignore[arg-type]
            with connections["default"].cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                (process,) = cursor.fetchone()
            _end_backend(process)
            return register_patient(**fields)  # type: ignore[arg-type]

        committed_system.browser.raise_request_exception = False
        with (
            patch("clinic.api.patients.register_patient", die),
            ThreadPoolExecutor(1) as pool,
        ):
            assert pool.submit(_post_and_close, committed_system).result(20).status_code == 500
        assert not Patient.objects.exists()
        again = committed_system.post("/patients/", PATIENT, Idempotency_Key="k1")
        assert again.status_code == 201


def _post_and_close(sender: Sender):  # type: ignore[no-untyped-def]
    browser = type(sender.browser)(raise_request_exception=sender.browser.raise_request_exception)
    try:
        return Sender(browser, sender.headers).post("/patients/", PATIENT, Idempotency_Key="k1")
    finally:
        connection.close()


def _end_backend(process: int) -> None:
    """As the operating system would end the connection of a killed process."""

    def end() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [process])
        connection.close()

    thread = threading.Thread(target=end)
    thread.start()
    thread.join(20)
