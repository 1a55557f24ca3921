"""Who may do what at which address, as plain tables.

Alice (clinician), Dana (dermatologist) and Ada (administrator) work at Northside, Bob at
Southside. `records` and `dashboard` are Northside's programs with the scopes read write and read;
`foreign` is Southside's. `nobody` has no credentials.
"""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction

from accounts.models import Organisation, User
from clinic.models import AccessLog, Case, Patient
from clinic.services import (
    record_pathology,
    register_lesion,
    register_patient,
    save_read,
    start_case,
    submit_case,
)
from inference.models import Prediction
from tests.api.senders import Sender, person, picture, program
from tests.clinic.annotated import draw, on_the_desk, rectangle
from tests.clinic.reading_cases import sign_as
from tests.dataset_factories import a_version, an_export
from tests.factories import PASSWORD, ModelVersionFactory, diagnosis
from tests.inference.retraining_rows import a_training_run

pytestmark = pytest.mark.django_db

COLUMNS = ("alice", "dana", "ada", "bob", "nobody", "records", "dashboard", "foreign")


@pytest.fixture
def senders(
    request: pytest.FixtureRequest, northside: Organisation, southside: Organisation
) -> dict[str, Sender]:
    """Everybody, by the name of their column."""
    people = {name: person(request.getfixturevalue(name)) for name in COLUMNS[:4]}
    return people | {
        "nobody": Sender(),
        "records": program(northside),
        "dashboard": program(northside, scopes="read"),
        "foreign": program(southside),
    }


@pytest.fixture
def northside_rows(northside: Organisation, alice: User, dana: User) -> dict[str, Any]:
    """Two patients: one with a signed case, one with a draft; every image with a prediction."""
    model = ModelVersionFactory()
    signed = _case(northside, alice, "1")
    draft = _case(northside, alice, "2")
    submit_case(case=signed.case, actor=alice)
    annotation = draw(on_the_desk(signed.case, dana), dana)
    reading = sign_as(dana, signed.case, "melanoma", "excise")
    result = record_pathology(
        lesion=signed.lesion, diagnosis=diagnosis("melanoma"), method="histo", actor=dana
    )
    version = a_version(signed.case.images.get())
    return {
        "organisation": northside.pk,
        "patient": draft.patient.pk,
        "lesion": draft.lesion.pk,
        "case": draft.case.pk,
        "signed": signed.case.pk,
        "signed_lesion": signed.lesion.pk,
        "image": draft.image,
        "prediction": Prediction.objects.get(image=draft.image).pk,
        "read": reading.reads.get().pk,
        "reading": reading.pk,
        "annotation": annotation.key,
        "result": result.pk,
        "model": model.pk,
        "dataset": version.dataset_id,
        "version": version.pk,
        "export": an_export(version).pk,
        "run": a_training_run(dataset_version=version).pk,
    }


@dataclass
class Rows:
    patient: Patient
    lesion: Any
    case: Case
    image: str


def _case(organisation: Organisation, actor: User, number: str) -> Rows:
    patient = register_patient(
        organisation=organisation, actor=actor, medical_record_number=number, family_name="Okafor"
    )
    lesion = register_lesion(patient=patient, actor=actor, body_site="back")
    case = start_case(patient=patient, actor=actor)
    fields = {"case": case.pk, "lesion": lesion.pk, "file": picture()}
    return Rows(patient, lesion, case, person(actor).upload("/images/", fields).json()["id"])


LISTS = """
    address              alice dana ada  bob nobody records dashboard foreign
    /organisations/      1     1    1    1   401    1       1         1
    /patients/           2     2    2    0   401    2       2         0
    /lesions/            2     2    2    0   401    2       2         0
    /cases/              2     2    2    0   401    2       2         0
    /images/             2     2    2    0   401    2       2         0
    /predictions/        2     1    2    0   401    2       2         0
    /readings/           1     1    1    0   401    1       1         0
    /reads/              1     1    1    0   401    1       1         0
    /annotations/        1     1    1    0   401    1       1         0
    /pathology-results/  1     1    1    0   401    1       1         0
    /models/             1     1    1    1   401    1       1         1
    /datasets/           0     0    1    0   401    0       0         0
    /dataset-versions/   0     0    1    0   401    0       0         0
    /dataset-exports/    0     0    1    0   401    0       0         0
    /training-runs/      0     0    1    0   401    0       0         0
"""

DETAILS = """
    address                       alice dana ada  bob nobody records dashboard foreign
    /organisations/{organisation}/ 200  200  200  404 401    200     200       404
    /patients/{patient}/          200   200  200  404 401    200     200       404
    /lesions/{lesion}/            200   200  200  404 401    200     200       404
    /cases/{case}/                200   200  200  404 401    200     200       404
    /images/{image}/              200   200  200  404 401    200     200       404
    /images/{image}/file/         200   200  200  404 401    200     200       404
    /images/{image}/thumbnail/    200   200  200  404 401    200     200       404
    /predictions/{prediction}/    200   404  200  404 401    200     200       404
    /readings/{reading}/          200   200  200  404 401    200     200       404
    /reads/{read}/                200   200  200  404 401    200     200       404
    /annotations/{annotation}/    200   200  200  404 401    200     200       404
    /pathology-results/{result}/  200   200  200  404 401    200     200       404
    /models/{model}/              200   200  200  200 401    200     200       200
    /diagnoses/melanoma/          200   200  200  200 401    200     200       200
    /datasets/{dataset}/          404   404  200  404 401    404     404       404
    /dataset-versions/{version}/  404   404  200  404 401    404     404       404
    /dataset-versions/{version}/rows/ 404 404 200 404 401    404     404       404
    /dataset-versions/{version}/exports/ 404 404 200 404 401 404     404       404
    /dataset-exports/{export}/    404   404  200  404 401    404     404       404
    /dataset-exports/{export}/download/ 404 404 409 404 401  404     404       404
    /training-runs/{run}/         404   404  200  404 401    404     404       404
"""

# A reference in a body to a row of another organisation is as wrong as one to nothing: 400.
WRITES = """
    request                       alice dana ada  bob nobody records dashboard foreign
    POST  /patients/              201   201  403  201 401    201     403       201
    PATCH /patients/{patient}/    200   200  403  404 401    200     403       404
    POST  /lesions/               201   201  403  400 401    201     403       400
    PATCH /lesions/{lesion}/      200   200  403  404 401    200     403       404
    POST  /cases/                 201   201  403  400 401    201     403       400
    PATCH /cases/{case}/          200   200  403  404 401    200     403       404
    POST  /cases/{case}/submit/   200   200  403  404 401    200     403       404
    POST  /cases/{case}/cancel/   200   200  403  404 401    200     403       404
    POST  /cases/{case}/assign/   403   409  403  404 401    403     403       404
    POST  /cases/{case}/release/  403   204  403  404 401    403     403       404
    POST  /cases/{case}/commit/   403   409  403  404 401    403     403       404
    POST  /cases/{case}/reveal/   403   409  403  404 401    403     403       404
    POST  /cases/{case}/sign/     403   409  403  404 401    403     403       404
    POST  /cases/{signed}/amend/  403   201  403  404 401    403     403       404
    POST  /reads/                 403   409  403  400 401    403     403       400
    POST  /images/                201   201  403  400 401    201     403       400
    DELETE /images/{image}/       204   204  403  404 401    204     403       404
    POST  /predictions/{prediction}/retry/ 200 404 200 404 401 200   403       404
    POST  /annotations/           403   403  403  400 401    403     403       400
    DELETE /annotations/{annotation}/?version=1 403 403 403 404 401 403 403  404
    POST  /pathology-results/     201   201  403  400 401    201     403       400
    POST  /datasets/              403   403  201  400 401    403     403       400
    PATCH /datasets/{dataset}/    404   404  200  404 401    404     403       404
    POST  /datasets/preview/      403   403  200  400 401    403     403       400
    POST  /datasets/{dataset}/freeze/ 404 404 409 404 401    404     403       404
    PATCH /dataset-versions/{version}/ 405 405 405 405 401   405     403       405
    POST  /dataset-versions/{version}/exports/ 404 404 201 404 401 404 403     404
    POST  /dataset-exports/{export}/cancel/ 404 404 200 404 401 404  403       404
    POST  /dataset-exports/{export}/retry/ 404 404 200 404 401  404  403       404
    POST  /training-runs/         400   400  403  400 401    400     403       400
    POST  /training-runs/{run}/cancel/ 404 404 403 404 401   404     403       404
    POST  /training-runs/{run}/again/  404 404 403 404 401   404     403       404
    POST  /organisations/         405   405  405  405 401    405     403       405
    POST  /diagnoses/             405   405  405  405 401    405     403       405
    POST  /models/                405   405  405  405 401    405     403       405
    PUT   /patients/{patient}/    405   405  405  405 401    405     403       405
    DELETE /patients/{patient}/   405   405  405  405 401    405     403       405
    DELETE /cases/{case}/         405   405  405  405 401    405     403       405
    DELETE /reads/{read}/         405   405  405  405 401    405     403       405
"""

BODIES = {
    "POST /patients/": {"medical_record_number": "9", "family_name": "New"},
    "PATCH /patients/{patient}/": {"family_name": "Married"},
    "POST /lesions/": {"patient": "{patient}", "body_site": "back"},
    "PATCH /lesions/{lesion}/": {"history": "Itches."},
    "POST /cases/": {"patient": "{patient}"},
    "PATCH /cases/{case}/": {"priority": "urgent"},
    "POST /cases/{case}/cancel/": {"reason": "Mistake."},
    "POST /cases/{case}/sign/": {"password": PASSWORD},
    "POST /cases/{signed}/amend/": {
        "password": PASSWORD,
        "based_on": "{reading}",
        "reason": "Histology.",
        "opinions": [
            {"lesion": "{signed_lesion}", "diagnosis": "nevus", "management": "discharge"}
        ],
    },
    "POST /reads/": {"case": "{case}", "lesion": "{lesion}", "comment": "Hm."},
    "POST /images/": {"case": "{case}", "lesion": "{lesion}"},
    "POST /annotations/": {"image": "{image}", "label": "streaks", "target": rectangle()},
    "POST /datasets/": {"name": "Nevi", "purpose": "Next.", "organisations": ["{organisation}"]},
    "PATCH /datasets/{dataset}/": {"description": {"consent": "sharing"}},
    "POST /training-runs/": {"dataset_version": "{version}", "recipe": "resnet18"},
    "POST /dataset-versions/{version}/exports/": {"format": "isic"},
    "POST /datasets/preview/": {"organisations": ["{organisation}"]},
    "POST /pathology-results/": {"lesion": "{lesion}", "diagnosis": "melanoma", "method": "histo"},
}


def _table(text: str) -> list[Any]:
    """One parameter for each line: the request, and what each column expects."""
    rows = [line.split() for line in text.strip().splitlines()]
    assert rows[0][-8:] == list(COLUMNS)
    return [
        pytest.param(
            " ".join(row[:-8]),
            dict(zip(COLUMNS, map(int, row[-8:]), strict=True)),
            id=" ".join(row[:-8]),
        )
        for row in rows[1:]
    ]


@pytest.mark.parametrize(("address", "expected"), _table(LISTS))
def test_a_list_shows_what_belongs_to_the_sender(
    address: str,
    expected: dict[str, int],
    senders: dict[str, Sender],
    northside_rows: dict[str, Any],
) -> None:
    seen = {}
    for name, sender in senders.items():
        answer = sender.get(address)
        good = answer.status_code == 200
        seen[name] = len(answer.json()["results"]) if good else answer.status_code
    assert seen == expected


@pytest.mark.parametrize(("address", "expected"), _table(DETAILS))
def test_a_guessed_address_shows_nothing_to_a_stranger(
    address: str,
    expected: dict[str, int],
    senders: dict[str, Sender],
    northside_rows: dict[str, Any],
) -> None:
    address = address.format(**northside_rows)
    assert {name: sender.get(address).status_code for name, sender in senders.items()} == expected
    strangers = AccessLog.objects.filter(user__memberships__organisation__slug="southside")
    assert not strangers.exists()


@pytest.mark.parametrize(("request_line", "expected"), _table(WRITES))
def test_only_who_may_write_writes(
    request_line: str,
    expected: dict[str, int],
    senders: dict[str, Sender],
    northside_rows: dict[str, Any],
) -> None:
    seen = {}
    for name, sender in senders.items():
        # Each of them finds the rows as they were.
        with transaction.atomic():
            answer = _send(sender, request_line, northside_rows)
            transaction.set_rollback(True)
        seen[name] = answer.status_code
        if answer.status_code >= 400:
            assert answer["Content-Type"] == "application/problem+json"
    assert seen == expected


def _send(sender: Sender, request_line: str, rows: dict[str, Any]) -> Any:
    method, address = request_line.split()
    body = _filled(BODIES.get(request_line), rows)
    address = address.format(**rows)
    if address == "/images/":
        assert body is not None
        return sender.upload(address, body | {"file": picture(shade=33)})
    if method == "DELETE":
        return sender.delete(address)
    return sender._send(method.lower(), address, body, {})


def _filled(body: Any, rows: dict[str, Any]) -> Any:
    """The body with the rows' keys in it."""
    if isinstance(body, dict):
        return {name: _filled(value, rows) for name, value in body.items()}
    if isinstance(body, list):
        return [_filled(value, rows) for value in body]
    return body.format(**rows) if isinstance(body, str) else body


def test_a_row_of_another_organisation_is_answered_like_one_that_is_not_there(
    senders: dict[str, Sender], northside_rows: dict[str, Any]
) -> None:
    bob = senders["bob"]
    theirs = bob.get(f"/patients/{northside_rows['patient']}/")
    nothing = bob.get(f"/patients/{uuid4()}/")
    assert theirs.content == nothing.content
    theirs = bob.post("/cases/", {"patient": str(northside_rows["patient"])})
    nothing = bob.post("/cases/", {"patient": str(uuid4())})
    assert theirs.content == nothing.content


@pytest.mark.parametrize(
    "address",
    ["/cases/?patient={patient}", "/images/?case={case}", "/predictions/?image={image}",
     "/reads/?case={signed}", "/lesions/?patient={patient}", "/patients/?medical_record_number=1",
     "/pathology-results/?lesion={lesion}", "/patients/?organisation={organisation}"],
)  # fmt: skip
def test_a_filter_opens_no_door(
    address: str, senders: dict[str, Sender], northside_rows: dict[str, Any]
) -> None:
    answer = senders["bob"].get(address.format(**northside_rows))
    assert answer.json() == {"next": None, "previous": None, "results": []}


def test_a_colleagues_draft_read_is_seen_by_nobody_else(
    senders: dict[str, Sender], northside_rows: dict[str, Any], dana: User
) -> None:
    case = Case.objects.get(pk=northside_rows["case"])
    submit_case(case=case, actor=dana)
    lesion = case.images.get().lesion
    draft = save_read(case=case, lesion=lesion, reader=dana, comment="Not sure yet.")
    seen = {name: sender.get(f"/reads/{draft.pk}/").status_code for name, sender in senders.items()}
    assert seen == dict.fromkeys(COLUMNS, 404) | {"dana": 200, "nobody": 401}


def test_answers_of_a_shadow_model_are_seen_by_nobody(
    senders: dict[str, Sender], northside_rows: dict[str, Any]
) -> None:
    prediction = Prediction.objects.get(pk=northside_rows["prediction"])
    type(prediction.model_version).objects.update(state="shadow")
    for name in ("alice", "dana", "ada", "records"):
        assert senders[name].get("/predictions/").json()["results"] == []
