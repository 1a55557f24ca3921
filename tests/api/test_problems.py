"""Every error has one shape: problem details (RFC 9457)."""

import json
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import Organisation, User
from clinic.imaging import DEFAULT_LIMITS
from clinic.models import LesionImage, Patient
from tests.api.senders import V1, Sender, person
from tests.factories import PatientFactory

pytestmark = pytest.mark.django_db

PATIENT = {"medical_record_number": "4711", "family_name": "Okafor"}


def problem_of(answer: Any, status: int, code: str) -> dict[str, Any]:
    """The problem, once its shape is right."""
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    body = json.loads(answer.content)
    assert set(body) - {"errors"} == {"type", "title", "status", "detail", "code"}
    assert (body["status"], body["code"]) == (status, code)
    assert body["type"] == f"urn:second-look:problem:{code}"
    assert body["detail"].endswith((".", "…”."))
    return body


def test_fields_that_are_not_right_are_pointed_at(records_system: Sender) -> None:
    answer = records_system.post(
        "/patients/", {"medical_record_number": "", "sex": "?", "birth_date": "1968-02-30"}
    )
    body = problem_of(answer, 400, "invalid")
    assert {entry["pointer"]: entry["code"] for entry in body["errors"]} == {
        "#/medical_record_number": "blank",
        "#/family_name": "required",
        "#/sex": "invalid_choice",
        "#/birth_date": "invalid",
    }
    assert body["detail"] == "4 fields are not right; see errors."


def test_a_service_that_says_no_is_quoted(records_system: Sender) -> None:
    records_system.post("/patients/", PATIENT)
    body = problem_of(records_system.post("/patients/", PATIENT), 400, "record_number_taken")
    assert body["detail"] == (
        "The medical record number 4711 belongs to another patient of this organisation."
    )
    assert body["errors"][0]["pointer"] == "#/medical_record_number"


def test_a_role_that_may_not_is_told_who_may(ada: User) -> None:
    body = problem_of(person(ada).post("/patients/", PATIENT), 403, "not_allowed")
    assert body["detail"] == ("Only clinicians or dermatologists of this organisation can do that.")


def test_no_credentials(nobody: Sender) -> None:
    answer = nobody.get("/patients/")
    problem_of(answer, 401, "not_authenticated")
    assert answer["WWW-Authenticate"] == 'Bearer realm="api"'


@pytest.mark.parametrize("path", ["/api/v1/nothing/", "/api/nothing/", "/api/v1/patients/x/y/",
                                  "/api/v1/patients/not-a-uuid/", "/api/v1/patients/%00/",
                                  "/api/v1/patients/%ff/", "/api/v1/diagnoses/a%00b/"])  # fmt: skip
def test_an_unknown_address(records_system: Sender, path: str) -> None:
    problem_of(Client().get(path, headers=records_system.headers), 404, "not_found")


def test_a_row_that_is_not_there(records_system: Sender) -> None:
    body = problem_of(records_system.get(f"/patients/{uuid4()}/"), 404, "not_found")
    assert body["detail"] == "There is nothing at this address, or you may not see it."
    problem_of(records_system.get("/diagnoses/no-such-code/"), 404, "not_found")


def test_a_method_that_the_address_does_not_have(records_system: Sender) -> None:
    answer = records_system.delete("/patients/")
    problem_of(answer, 405, "method_not_allowed")
    assert answer["Allow"] == "GET, HEAD, POST"


def test_a_representation_that_there_is_not(records_system: Sender) -> None:
    headers = records_system.headers | {"Accept": "application/xml"}
    answer = Client().get(f"{V1}/patients/", headers=headers)
    problem_of(answer, 406, "not_acceptable")


def test_a_body_of_another_kind(records_system: Sender) -> None:
    answer = records_system.upload("/patients/", PATIENT)
    problem_of(answer, 415, "unsupported_media_type")
    answer = records_system.post("/images/", {"case": str(uuid4())})
    problem_of(answer, 415, "unsupported_media_type")


@pytest.mark.parametrize(
    "body",
    [b"{", b"", b"\xff\xfe", b'{"family_name": "\\ud800"', b"[" * 100_000, b"NaN",
     b'{"map_x": Infinity}', b"null", b"[]", b'"text"', b"5", b"true"],
)  # fmt: skip
def test_json_that_is_broken_or_no_object(records_system: Sender, body: bytes) -> None:
    answer = Client().generic(
        "POST",
        f"{V1}/patients/",
        body,
        content_type="application/json",
        headers=records_system.headers,
    )
    assert answer.status_code == 400
    assert json.loads(answer.content)["code"] in {"parse_error", "invalid"}
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("family_name", "\x00"),
        ("family_name", "A\x00B"),
        ("family_name", "x" * 101),
        ("family_name", "x" * 1_000_000),
        ("family_name", "\ud800"),
        ("family_name", 7),
        ("family_name", ["A"]),
        ("family_name", {"A": 1}),
        ("family_name", None),
        ("family_name", "  "),
        ("medical_record_number", "x" * 41),
        ("organisation", "not-a-uuid"),
        ("organisation", 5),
        ("organisation", "\x00"),
        ("organisation", True),
        ("birth_date", "1899-12-31"),
        ("birth_date", "2999-01-01"),
        ("birth_date", "0000-00-00"),
        ("birth_date", 0),
        ("approximate_age", -1),
        ("approximate_age", 121),
        ("approximate_age", 10**400),
        ("approximate_age", 1.5),
        ("approximate_age", True),
        ("approximate_age", "40"),
        ("fitzpatrick_type", 7),
        ("fitzpatrick_type", "II"),
        ("fitzpatrick_type", [1]),
        ("is_synthetic", "perhaps"),
        ("is_synthetic", 1),
        ("sex", ["female"]),
        ("sex", "\x00"),
        ("id", "00000000-0000-4000-8000-000000000000"),
    ],
)
def test_a_value_that_cannot_be_recorded(records_system: Sender, field: str, value: object) -> None:
    answer = records_system.post("/patients/", PATIENT | {field: value})
    body = problem_of(answer, 400, "invalid")
    assert [entry["pointer"] for entry in body["errors"]] == [f"#/{field}"]
    assert not Patient.objects.exists()


@pytest.mark.parametrize(
    ("path", "parameter", "value"),
    [
        ("/patients/", "medical_record_number", "\x00"),
        ("/patients/", "medical_record_number", ""),
        ("/patients/", "birth_date", "yesterday"),
        ("/patients/", "organisation", "northside"),
        ("/patients/", "created_from", "9999-12-31T23:59:59-12:00"),
        ("/patients/", "mrn", "4711"),
        ("/cases/", "state", "open"),
        ("/cases/", "priority", "1"),
        ("/cases/", "number", "1.5"),
        ("/cases/", "number", "99999999999"),
        ("/cases/", "submitted_from", "\x00"),
        ("/predictions/", "malignancy_from", "NaN"),
        ("/predictions/", "malignancy_from", "1.1"),
        ("/diagnoses/", "is_selectable", "perhaps"),
        ("/images/", "case", "\x00"),
    ],
)
def test_a_filter_that_is_not_right_is_refused_by_name(
    records_system: Sender, path: str, parameter: str, value: str
) -> None:
    body = problem_of(records_system.get(path, **{parameter: value}), 400, "invalid")
    assert [entry["parameter"] for entry in body["errors"]] == [parameter]


def test_a_filter_given_twice_is_refused(records_system: Sender) -> None:
    answer = records_system.get("/patients/?family_name=A&family_name=B")
    body = problem_of(answer, 400, "invalid")
    assert body["errors"][0]["detail"] == "Give this parameter once."


def test_a_moment_with_an_offset_that_the_database_does_not_know(
    records_system: Sender, northside: Organisation
) -> None:
    PatientFactory(organisation=northside)
    answer = records_system.get("/patients/", created_from="2020-01-01T00:00:00-18:27")
    assert len(answer.json()["results"]) == 1


def test_a_long_body_is_refused_before_it_is_read(records_system: Sender) -> None:
    for path, length, megabytes in (
        ("/patients/", 5 * 1024 * 1024 + 1, 5),
        ("/images/", DEFAULT_LIMITS.max_bytes + 65 * 1024, 30),
    ):
        answer = Client().post(
            V1 + path,
            b"",
            content_type="application/json",
            headers=records_system.headers,
            CONTENT_LENGTH=str(length),
            **{"wsgi.input": _Unreadable()},
        )
        body = problem_of(answer, 413, "too_large")
        assert f"at most {megabytes} MB" in body["detail"]


def test_a_body_without_a_length_is_refused(records_system: Sender) -> None:
    headers = records_system.headers | {"Transfer-Encoding": "chunked"}
    answer = Client().post(f"{V1}/images/", headers=headers, CONTENT_LENGTH="")
    problem_of(answer, 411, "length_required")


class _Unreadable:
    def read(self, *_: object) -> bytes:
        raise AssertionError("the body was read")

    readline = read


def test_a_form_with_too_many_fields(records_system: Sender) -> None:
    answer = records_system.upload("/images/", {f"field{n}": "x" for n in range(1100)})
    problem_of(answer, 400, "bad_request")
    assert not LesionImage.objects.exists()


@pytest.mark.parametrize(
    "body",
    [b"", b"--", b"--b\r\n\r\n", b'--b\r\nContent-Disposition: form-data; name="file"',
     b'--b\r\nContent-Disposition: form-data; name="file"; filename="\\x00"\r\n\r\nx\r\n--b--'],
)  # fmt: skip
def test_a_form_that_breaks_off(records_system: Sender, body: bytes) -> None:
    answer = Client().generic(
        "POST",
        f"{V1}/images/",
        body,
        content_type="multipart/form-data; boundary=b",
        headers=records_system.headers,
    )
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"


def test_a_defect_is_logged_and_says_nothing_of_itself(
    records_system: Sender, caplog: pytest.LogCaptureFixture
) -> None:
    records_system.browser.raise_request_exception = False
    with patch("clinic.api.patients.visible_patients", side_effect=RuntimeError("secret")):
        answer = records_system.get("/patients/")
    body = problem_of(answer, 500, "internal_server_error")
    assert "secret" not in answer.content.decode()
    assert "logged" in body["detail"]
    assert any("Internal Server Error" in line.message for line in caplog.records)
