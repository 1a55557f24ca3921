"""Every list costs the same queries for one row and for fifty, and at most twenty."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Organisation, Role, User
from accounts.services import grant_role
from clinic.models import Annotation, PathologyResult, Read, Reading
from tests.api.senders import Sender, person, program
from tests.dataset_factories import a_version, an_export
from tests.factories import (
    CaseFactory,
    LesionFactory,
    LesionImageFactory,
    ModelVersionFactory,
    OrganisationFactory,
    PatientFactory,
    PredictionFactory,
    ReadingFactory,
    UserFactory,
    diagnosis,
)
from tests.inference.retraining_rows import a_training_run

pytestmark = pytest.mark.django_db


def _rows(organisation: Organisation, number: int) -> None:
    """One more of everything, each with people, diagnoses and models of its own."""
    patient = PatientFactory(organisation=organisation)
    lesion = LesionFactory(patient=patient)
    reader = UserFactory()
    case = CaseFactory(patient=patient, submitter=reader, number=number + 1, submitted=True)
    image = LesionImageFactory(case=case, lesion=lesion)
    model = ModelVersionFactory(state="retired")
    PredictionFactory(image=image, model_version=model, answered=True)
    code = ("melanoma", "nevus")[number % 2]
    opinion = diagnosis(code)
    reading = ReadingFactory(case=case, reader=reader)
    Read.objects.create(
        case=case, lesion=lesion, reader=reader, reading=reading, state="signed",
        signed_at=timezone.now(), diagnosis=opinion, management="excise",
    )  # fmt: skip
    Annotation.objects.create(
        image=image, reading=reading, creator=reader, label="streaks", target={"value": "xywh"}
    )
    signed_at = {"committed_at": timezone.now(), "signed_at": timezone.now()}
    Reading.objects.filter(pk=reading.pk).update(
        state="signed", digest="0" * 64, taxonomy_version="2026.1", holds_case=False, **signed_at
    )
    PathologyResult.objects.create(lesion=lesion, diagnosis=opinion, method="histo")
    version = a_version(image)
    a_training_run(dataset_version=version)
    an_export(version)


LISTS = [
    "organisations",
    "patients",
    "lesions",
    "cases",
    "images",
    "predictions",
    "readings",
    "reads",
    "annotations",
    "pathology-results",
    "models",
    "datasets",
    "dataset-versions",
    "dataset-exports",
    "training-runs",
]
# A program works in one organisation, and data sets are for its administrators.
FOR_ADMINISTRATORS = ("datasets", "dataset-versions", "dataset-exports", "training-runs")
OF_A_PROGRAM = {"organisations": 1, **dict.fromkeys(FOR_ADMINISTRATORS, 0)}


def _cost(sender: Sender, address: str) -> tuple[int, int]:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        answer = sender.get(address, page_size=50)
    assert answer.status_code == 200
    return len(answer.json()["results"]), len(queries)


@pytest.mark.parametrize("kind", ["program", "person"])
def test_a_list_of_fifty_costs_no_more_than_a_list_of_one(
    kind: str, northside: Organisation, ada: User
) -> None:
    sender = program(northside) if kind == "program" else person(ada)
    _rows(northside, 0)
    one = {name: _cost(sender, f"/{name}/") for name in LISTS}
    for number in range(1, 50):
        _rows(northside, number)
        if kind == "person":
            grant_role(user=ada, organisation=OrganisationFactory(), role=Role.CLINICIAN)
    fifty = {name: _cost(sender, f"/{name}/") for name in LISTS}
    for name in LISTS:
        rows, queries = fifty[name]
        assert rows == (50 if kind == "person" else OF_A_PROGRAM.get(name, 50)), name
        assert queries == one[name][1] <= 20, name


def test_the_taxonomy_costs_the_same_whatever_the_page(dashboard: Sender) -> None:
    few = _page(dashboard, 1)
    many = _page(dashboard, 50)
    assert few == many <= 20


def _page(sender: Sender, size: int) -> int:
    with CaptureQueriesContext(connection) as queries:
        sender.get("/diagnoses/", page_size=size)
    return len(queries)


def test_a_request_with_a_token_finds_its_sender_in_two_queries(dashboard: Sender) -> None:
    with CaptureQueriesContext(connection) as queries:
        dashboard.get("/patients/")
    assert len(queries) == 3


def test_a_deep_page_is_one_index_range(northside: Organisation, dashboard: Sender) -> None:
    PatientFactory.create_batch(6, organisation=northside)
    page = dashboard.get("/patients/", page_size=3).json()
    with CaptureQueriesContext(connection) as queries:
        dashboard.get(page["next"].split("/api/v1", 1)[1])
    (sql,) = [entry["sql"] for entry in queries if "clinic_patient" in entry["sql"]]
    assert '"created_at" <= ' in sql
    assert "OFFSET" not in sql
