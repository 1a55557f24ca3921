"""Who may open what: every address of the product, for every role, over two organisations.

A new address fails `test_no_address_is_left_out` until it stands in the tables below, so nobody can
forget to say who may open it.
"""

import uuid
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from accounts.models import Organisation, Role, User
from accounts.services import grant_role
from clinic.models import Case, LesionImage, PathologyResult, Patient
from clinic.services import save_read
from tests.cast import signed_in
from tests.clinic.annotated import draw, on_the_desk
from tests.clinic.exported import operator, written
from tests.clinic.reading_cases import answer_to, waiting_case
from tests.dataset_factories import a_version, an_export
from tests.factories import CaseFactory, UserFactory, diagnosis
from tests.inference.monitoring_rows import a_service_alert
from tests.inference.retraining_rows import a_comparison, a_training_run


class Row(NamedTuple):
    """An address with the status that each person gets.

    `keys` name the rows of the record whose keys stand in the address. Alice is clinician, Dana
    dermatologist and Ada administrator at Northside, where the record is; Bob is clinician and Bea
    dermatologist at Southside. They ask in this order. `sent` is the post's one field, "name=key".
    """

    name: str
    keys: str
    method: str
    alice: int
    dana: int
    ada: int
    bob: int
    bea: int
    sent: str = ""


# fmt: off
SCREENS = [
    #   address               keys         method  alice dana ada  bob  bea
    Row("home",                "",          "get",  200, 200, 200, 200, 200),
    Row("search",              "",          "get",  200, 200, 200, 200, 200),
    Row("organisation-switch", "",          "post", 404, 404, 404, 404, 404),
    Row("patient-list",        "",          "get",  200, 200, 200, 200, 200),
    Row("patient-create",      "",          "get",  200, 200, 403, 200, 200),
    Row("patient-detail",      "patient",   "get",  200, 200, 200, 404, 404),
    Row("patient-edit",        "patient",   "get",  200, 200, 403, 404, 404),
    Row("patient-consent",     "patient",   "get",  200, 200, 403, 404, 404),
    Row("lesion-create",       "patient",   "post", 404, 404, 403, 404, 404),
    Row("lesion-edit",         "lesion",    "get",  200, 200, 403, 404, 404),
    Row("lesion-timeline",     "lesion",    "get",  200, 200, 200, 404, 404),
    Row("case-create",         "patient",   "post", 302, 302, 403, 404, 404),
    Row("case-list",           "",          "get",  200, 200, 200, 200, 200),
    Row("case-detail",         "case",      "get",  200, 200, 200, 404, 404),
    Row("case-print",          "case",      "get",  200, 200, 200, 404, 404),
    Row("case-draft",          "draft",     "get",  200, 200, 403, 404, 404),
    Row("case-submit",         "draft",     "post", 400, 400, 403, 404, 404),
    Row("case-cancel",         "draft",     "get",  200, 200, 403, 404, 404),
    Row("image-upload",        "draft",     "post", 400, 400, 403, 404, 404),
    Row("image-file",          "image",     "get",  200, 200, 200, 404, 404),
    Row("image-screen",        "image",     "get",  200, 200, 200, 404, 404),
    Row("image-thumbnail",     "image",     "get",  200, 200, 200, 404, 404),
    Row("image-masks",         "image",     "get",  200, 200, 200, 404, 404),
    Row("annotation-list",     "image",     "get",  200, 200, 200, 404, 404),
    Row("annotation", "image annotation",   "delete", 403, 400, 403, 404, 404),
    Row("image-remove",        "image",     "post", 409, 409, 403, 404, 404),
    Row("image-move",          "image",     "post", 409, 409, 403, 404, 404, "lesion=lesion"),
    Row("image-kind",          "image",     "post", 409, 409, 403, 404, 404),
    Row("case-answers",        "case",      "get",  302, 302, 302, 404, 404),
    # Dana reads blind: what the model says of an open case is not there for her.
    Row("prediction-saliency", "prediction","get",  200, 404, 200, 404, 404),
    Row("prediction-retry",    "prediction","post", 302, 404, 302, 404, 404),
    Row("lesion-similar",      "case lesion","get", 200, 404, 200, 404, 404),
    Row("case-amend",          "case",      "get",  403, 409, 403, 404, 404),
    Row("pathology-record",    "lesion",    "get",  200, 200, 403, 404, 404),
    Row("news",                "",          "get",  200, 200, 200, 200, 200),
    Row("worklist",            "",          "get",  403, 200, 403, 403, 200),
    Row("worklist-next",       "",          "post", 403, 302, 403, 403, 302),
    Row("worklist-ahead",      "",          "get",  403, 200, 403, 403, 200),
    Row("favourite-diagnoses", "",          "get",  403, 200, 403, 403, 200),
    Row("case-review",         "case",      "get",  403, 200, 403, 404, 404),
    Row("case-assign",         "case",      "post", 403, 302, 403, 404, 404),
    Row("case-lock",           "case",      "post", 403, 302, 403, 404, 404),
    Row("case-release",        "case",      "post", 403, 302, 403, 404, 404),
    # Blind: nothing of the model before the commit.
    Row("model-suggestion",    "case lesion","get", 403, 409, 403, 404, 404),
    Row("read-save",           "case",      "post", 403, 302, 403, 404, 404),
    Row("case-commit",         "case",      "post", 403, 422, 403, 404, 404),
    Row("case-reveal",         "case",      "post", 403, 409, 403, 404, 404),
    Row("read-reconsider",     "case",      "post", 403, 302, 403, 404, 404),
    Row("read-keep-first",     "case lesion","post",403, 302, 403, 404, 404),
    Row("case-sign",           "case",      "post", 403, 409, 403, 404, 404),
    Row("statistics",          "",          "get",  403, 200, 403, 403, 200),
    Row("statistics-organisation", "",      "get",  403, 403, 200, 403, 403),
    Row("monitoring",          "",          "get",  403, 403, 200, 403, 403),
    Row("monitoring-acknowledge", "alert",  "post", 403, 403, 400, 403, 403),
    # Data sets: for administrators of every organisation in them; others get 403 whatever the key.
    Row("dataset-list",        "",          "get",  403, 403, 200, 403, 403),
    Row("dataset-create",      "",          "get",  403, 403, 200, 403, 403),
    Row("dataset-preview",     "",          "post", 403, 403, 200, 403, 403),
    Row("dataset-detail",      "dataset",   "get",  403, 403, 200, 403, 403),
    Row("dataset-edit",        "dataset",   "get",  403, 403, 200, 403, 403),
    Row("dataset-freeze",      "dataset",   "post", 403, 403, 409, 403, 403),
    Row("dataset-version",     "version",   "get",  403, 403, 200, 403, 403),
    Row("dataset-exports",     "version",   "post", 403, 403, 400, 403, 403),
    Row("training-list",       "",          "get",  403, 403, 200, 403, 403),
    Row("training-run",     "training_run", "get",  403, 403, 200, 403, 403),
    Row("training-start",      "version",   "get",  403, 403, 403, 403, 403),
    Row("training-cancel",  "training_run", "post", 403, 403, 403, 403, 403),
    Row("training-again",   "training_run", "post", 403, 403, 403, 403, 403),
    # Ada operates no models: what a candidate says is not hers to see.
    Row("comparison",          "comparison","get",  404, 404, 404, 404, 404),
    Row("shadow",              "model",     "get",  404, 404, 404, 404, 404),
    Row("export-cancel",       "waiting_export", "post", 403, 403, 302, 403, 403),
    Row("export-retry",        "export",    "post", 403, 403, 409, 403, 403),
    Row("export-download",     "export",    "get",  403, 403, 200, 403, 403),
    Row("export-files",        "plain_export", "get", 403, 403, 200, 403, 403),
    Row("export-file", "plain_export export_file", "get", 403, 403, 200, 403, 403),
    Row("sealed-test-set",     "organisation", "get", 403, 403, 200, 403, 403),
]
API = [
    Row("api-organisation-list",          "",             "get",  200, 200, 200, 200, 200),
    Row("api-organisation-detail",        "organisation", "get",  200, 200, 200, 404, 404),
    Row("api-patient-list",               "",             "get",  200, 200, 200, 200, 200),
    Row("api-patient-detail",             "patient",      "get",  200, 200, 200, 404, 404),
    Row("api-patient-consent", "patient", "post", 400, 400, 400, 404, 404),
    Row("api-lesion-list",                "",             "get",  200, 200, 200, 200, 200),
    Row("api-lesion-detail",              "lesion",       "get",  200, 200, 200, 404, 404),
    Row("api-case-list",                  "",             "get",  200, 200, 200, 200, 200),
    Row("api-case-detail",                "case",         "get",  200, 200, 200, 404, 404),
    Row("api-case-submit",                "draft",        "post", 400, 400, 403, 404, 404),
    Row("api-case-cancel", "draft", "post", 200, 409, 403, 404, 404, "reason=reason"),
    Row("api-case-assign",                "case",         "post", 403, 200, 403, 404, 404),
    Row("api-case-release",               "case",         "post", 403, 204, 403, 404, 404),
    Row("api-case-commit",                "case",         "post", 403, 400, 403, 404, 404),
    Row("api-case-reveal",                "case",         "post", 403, 409, 403, 404, 404),
    Row("api-case-amend",                 "case",         "post", 403, 400, 403, 404, 404),
    Row("api-case-sign",                  "case",         "post", 403, 400, 403, 404, 404),
    Row("api-image-list",                 "",             "get",  200, 200, 200, 200, 200),
    Row("api-image-detail",               "image",        "get",  200, 200, 200, 404, 404),
    Row("api-image-file",                 "image",        "get",  200, 200, 200, 404, 404),
    Row("api-image-thumbnail",            "image",        "get",  200, 200, 200, 404, 404),
    Row("api-reading-list",               "",             "get",  200, 200, 200, 200, 200),
    Row("api-reading-detail",             "reading",      "get",  404, 200, 404, 404, 404),
    Row("api-read-list",                  "",             "get",  200, 200, 200, 200, 200),
    Row("api-read-detail",                "draft_read",   "get",  404, 200, 404, 404, 404),
    Row("api-annotation-list",            "",             "get",  200, 200, 200, 200, 200),
    Row("api-annotation-detail",          "annotation",   "get",  404, 200, 404, 404, 404),
    Row("api-pathology-result-list",      "",             "get",  200, 200, 200, 200, 200),
    Row("api-pathology-result-detail",    "pathology",    "get",  200, 200, 200, 404, 404),
    Row("api-prediction-list",            "",             "get",  200, 200, 200, 200, 200),
    Row("api-prediction-detail",          "prediction",   "get",  200, 404, 200, 404, 404),
    Row("api-prediction-retry",           "prediction",   "post", 200, 404, 200, 404, 404),
    Row("api-diagnosis-list",             "",             "get",  200, 200, 200, 200, 200),
    Row("api-diagnosis-detail",           "diagnosis",    "get",  200, 200, 200, 200, 200),
    Row("api-model-list",                 "",             "get",  200, 200, 200, 200, 200),
    Row("api-model-detail",               "model",        "get",  200, 200, 200, 200, 200),
    Row("api-dataset-list",               "",             "get",  200, 200, 200, 200, 200),
    Row("api-dataset-preview",            "",             "post", 400, 400, 400, 400, 400),
    Row("api-dataset-detail",             "dataset",      "get",  404, 404, 200, 404, 404),
    Row("api-dataset-freeze",             "dataset",      "post", 404, 404, 409, 404, 404),
    Row("api-dataset-version-list",       "",             "get",  200, 200, 200, 200, 200),
    Row("api-dataset-version-detail",     "version",      "get",  404, 404, 200, 404, 404),
    Row("api-dataset-row-list",           "version",      "get",  404, 404, 200, 404, 404),
    Row("api-dataset-version-export-list", "version",     "get",  404, 404, 200, 404, 404),
    Row("api-dataset-export-list",        "",             "get",  200, 200, 200, 200, 200),
    Row("api-dataset-export-detail",      "export",       "get",  404, 404, 200, 404, 404),
    Row("api-dataset-export-cancel",      "waiting_export", "post", 404, 404, 200, 404, 404),
    Row("api-dataset-export-retry",       "export",       "post", 404, 404, 409, 404, 404),
    Row("api-dataset-export-download",    "export",       "get",  404, 404, 200, 404, 404),
    Row("api-dataset-export-files",       "plain_export", "get",  404, 404, 200, 404, 404),
    # It does not say which file.
    Row("api-dataset-export-file",        "plain_export", "get",  404, 404, 400, 404, 404),
    Row("api-training-run-list",          "",             "get",  200, 200, 200, 200, 200),
    Row("api-training-run-detail",        "training_run", "get",  404, 404, 200, 404, 404),
    # Ada administers and operates no models: she looks and starts nothing.
    Row("api-training-run-cancel",        "training_run", "post", 404, 404, 403, 404, 404),
    Row("api-training-run-again",         "training_run", "post", 404, 404, 403, 404, 404),
]
# fmt: on
TABLE = SCREENS + API
# What anybody may ask, and why.
OPEN = {
    "healthz": "load balancers ask it",
    "metrics": "it asks for the installation's own token",
    "oauth-token": "it asks for the client's own secret",
    "oauth-revoke": "it asks for the client's own secret",
    "api-schema": "it says nothing about anybody",
    "api-docs": "it says nothing about anybody",
}
# Signing in is open to everybody; the administration has its own sign-in and its own tests.
ELSEWHERE = ("account/", "admin/")
# No script asks these, so they lead to the sign-in whoever asks.
BEFORE_THE_GATE = {"organisation-switch"}


@pytest.fixture
def people(
    alice: User, dana: User, ada: User, bob: User, southside: Organisation
) -> dict[str, User]:
    bea = UserFactory(email="bea@southside.example", full_name="Bea Berg")
    grant_role(user=bea, organisation=southside, role=Role.DERMATOLOGIST)
    return {"alice": alice, "dana": dana, "ada": ada, "bob": bob, "bea": bea}


@pytest.fixture
def record(northside: Organisation, dana: User) -> dict[str, object]:
    """One of everything at Northside: the keys that its addresses carry."""
    case = waiting_case(northside, answer="none")
    image = case.images.get()
    prediction = answer_to(image)
    draft = CaseFactory(patient=case.patient, number=9001)
    read = save_read(case=case, lesion=image.lesion, reader=dana, comment="Hm.")
    pathology = PathologyResult.objects.create(
        lesion=image.lesion, diagnosis=diagnosis("nevus"), method="histo"
    )
    version = a_version(image)
    export = written(version, operator(), "manifest")
    plain = written(version, operator(), "manifest", "files")
    return {
        "organisation": northside.pk,
        "dataset": version.dataset_id,
        "version": version.pk,
        "comparison": a_comparison().pk,
        "training_run": a_training_run(dataset_version=version).pk,
        "export": export.pk,
        "plain_export": plain.pk,
        "export_file": plain.files.earliest("path").pk,
        "waiting_export": an_export(version).pk,
        "patient": case.patient_id,
        "lesion": image.lesion_id,
        "case": case.pk,
        "draft": draft.pk,
        "image": image.pk,
        "prediction": prediction.pk,
        "alert": a_service_alert(prediction).pk,
        "draft_read": read.pk,
        "reading": read.reading_id,
        "pathology": pathology.pk,
        "annotation": draw(on_the_desk(case, dana), dana).key,
        "diagnosis": "melanoma",
        "model": prediction.model_version_id,
        "reason": "Opened twice.",
    }


def address(row: Row, record: dict[str, object]) -> str:
    return reverse(row.name, args=[record[key] for key in row.keys.split()])


def ask(
    client: Client, row: Row, record: dict[str, object], *, accept: str = "*/*"
) -> HttpResponse:
    url, headers = address(row, record), {"accept": accept}
    if row.method in {"get", "delete"}:
        return getattr(client, row.method)(url, headers=headers)
    name, _, key = row.sent.partition("=")
    data = {name: str(record[key])} if name else {}
    if row.name.startswith("api-"):
        return client.post(url, data, headers=headers, content_type="application/json")
    return client.post(url, data, headers=headers)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_each_role_gets_what_the_table_says(
    row: Row, people: dict[str, User], record: dict[str, object]
) -> None:
    got = {name: ask(signed_in(person), row, record).status_code for name, person in people.items()}
    assert got == {name: getattr(row, name) for name in people}


@pytest.mark.parametrize("row", SCREENS, ids=lambda row: row.name)
def test_a_stranger_is_led_to_the_sign_in_and_a_script_is_told(
    row: Row, record: dict[str, object], client: Client
) -> None:
    response = ask(client, row, record)
    assert response.status_code == 302
    assert response.headers["Location"].startswith(str(settings.LOGIN_URL))
    if row.name not in BEFORE_THE_GATE:
        assert ask(client, row, record, accept="application/json").status_code == 401


@pytest.mark.parametrize("row", API, ids=lambda row: row.name)
def test_the_api_answers_nobody_without_credentials(
    row: Row, record: dict[str, object], client: Client
) -> None:
    assert ask(client, row, record).status_code == 401


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_nothing_of_northside_stands_in_what_southside_is_shown(
    row: Row, people: dict[str, User], record: dict[str, object]
) -> None:
    keys = {
        str(value) for name, value in record.items() if name not in {"diagnosis", "model", "reason"}
    }
    for name in ("bob", "bea"):
        if row.method != "get":
            continue
        response = ask(signed_in(people[name]), row, record)
        shown = b"".join(response) if response.streaming else response.content
        text = shown.decode(errors="replace")
        asked = {key for key in keys if key in response.wsgi_request.path}
        assert not [key for key in keys - asked if key in text]
        assert "Halvorsen" not in text


@pytest.mark.parametrize(
    "row", [row for row in TABLE if row.keys and row.bob == 404], ids=lambda row: row.name
)
def test_a_key_that_belongs_to_nothing_is_answered_like_a_strangers(
    row: Row, people: dict[str, User], record: dict[str, object]
) -> None:
    nowhere = {name: uuid.uuid4() for name in record}
    for person in (people["dana"], people["bob"]):
        assert ask(signed_in(person), row, nowhere).status_code == 404


def test_what_was_refused_changed_nothing(
    people: dict[str, User], record: dict[str, object]
) -> None:
    before = (Patient.objects.count(), Case.objects.count(), LesionImage.objects.count())
    state = sorted(Case.objects.values_list("pk", "state"))
    for row in TABLE:
        for name, person in people.items():
            if row.method == "post" and getattr(row, name) in {403, 404}:
                ask(signed_in(person), row, record)
    assert before == (Patient.objects.count(), Case.objects.count(), LesionImage.objects.count())
    assert state == sorted(Case.objects.values_list("pk", "state"))


def _patterns(
    patterns: list[URLPattern | URLResolver], before: str = ""
) -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        path = before + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield path, pattern
        else:
            yield from _patterns(pattern.url_patterns, path)


def test_no_address_is_left_out() -> None:
    known = {row.name for row in TABLE} | set(OPEN)
    found = {
        pattern.name or path
        for path, pattern in _patterns(get_resolver().url_patterns)
        if not path.startswith(ELSEWHERE)
    }
    assert found - known == set(), "say in tests/test_access.py who may open these"
    assert known - found == set(), "these are gone: take them out of the table"


@pytest.mark.django_db
def test_the_administration_is_closed_to_whoever_does_not_work_in_it(
    client: Client, alice: User
) -> None:
    for path, pattern in _patterns(get_resolver().url_patterns):
        if not path.startswith("admin/") or pattern.name in {"login", "logout", "jsi18n"}:
            continue
        try:
            url = reverse(f"admin:{pattern.name}")
        except NoReverseMatch:
            continue  # it carries a key: the same gate stands before it
        for person in (client, signed_in(alice)):
            response = person.get(url)
            assert response.status_code in {302, 403, 405}, url
