"""What Prometheus reads: parsed back, behind a token, without anything of a patient."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from pytest_django.fixtures import Settings

from accounts.models import Organisation
from inference.models import ModelVersion
from tests.factories import ModelVersionFactory, PredictionFactory
from tests.inference.monitoring_rows import a_service_alert, add_answers

pytestmark = pytest.mark.django_db
URL = reverse("metrics")
TOKEN = "a-token-of-this-test"
Sample = tuple[str, frozenset[tuple[str, str]]]


@pytest.fixture
def model(db: None) -> ModelVersion:
    return ModelVersionFactory(name="resnet18", version="2.0.1", state="active")


@pytest.fixture
def token(settings: Settings) -> str:
    settings.METRICS_TOKEN = TOKEN
    return TOKEN


def asked(token: str) -> dict[Sample, float]:
    response = Client().get(URL, headers={"Authorization": f"Bearer {token}"})
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/plain; version=")
    return {
        (sample.name.removeprefix("second_look_"), frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(response.content.decode())
        for sample in family.samples
    }


def labelled(name: str, **labels: str) -> Sample:
    return name, frozenset(labels.items())


def test_the_numbers_come_from_the_rows(
    token: str, northside: Organisation, southside: Organisation, model: ModelVersion
) -> None:
    answers = add_answers(4, organisation=northside, model=model, ago=timedelta(minutes=5))
    add_answers(9, organisation=northside, model=model, ago=timedelta(hours=2), seed=8)
    case = answers[0].image.case
    PredictionFactory(image__case=case, model_version=model, failed=True)
    PredictionFactory(
        image__case=case, model_version=model, queued_at=timezone.now() - timedelta(minutes=10)
    )
    a_service_alert(answers[0])
    a_service_alert(answers[0], organisation=None, measure="hue")
    found = asked(token)
    here = {"organisation": "northside", "model": "resnet18", "version": "2.0.1"}
    assert found[labelled("finished_images_last_hour", state="succeeded", **here)] == 4
    assert found[labelled("finished_images_last_hour", state="failed", **here)] == 1
    took = found[labelled("answer_seconds_last_hour", quantile="0.95", **here)]
    assert took == pytest.approx(4.5)
    assert found[labelled("queue_images", organisation="northside", state="queued")] == 1
    assert found[labelled("queue_oldest_seconds", organisation="northside")] > 590
    assert found[labelled("queue_oldest_seconds", organisation="southside")] == 0
    assert found[labelled("open_alerts", organisation="northside", measure="wait",
                          acknowledged="no")] == 1  # fmt: skip
    assert found[labelled("open_alerts", organisation="all", measure="hue",
                          acknowledged="no")] == 1  # fmt: skip
    assert found[labelled("model_in_service", model="resnet18", version="2.0.1",
                          state="active")] == 1  # fmt: skip


def test_it_takes_as_many_queries_whatever_the_number_of_organisations(
    token: str, northside: Organisation, southside: Organisation, model: ModelVersion
) -> None:
    for organisation in (northside, southside):
        add_answers(2, organisation=organisation, model=model, seed=len(organisation.name))
    with CaptureQueriesContext(connection) as queries:
        asked(token)
    assert len(queries) == 5


def test_nothing_of_a_patient_is_in_it(
    token: str, northside: Organisation, model: ModelVersion
) -> None:
    case = add_answers(2, organisation=northside, model=model)[0].image.case
    page = Client().get(URL, headers={"Authorization": f"Bearer {token}"}).content.decode()
    patient = case.patient
    for word in (patient.family_name, patient.medical_record_number, str(case.pk), northside.name):
        assert word not in page


@pytest.mark.parametrize(
    "sent", ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}", TOKEN, "Bearer é"]
)
def test_without_the_token_it_is_refused(sent: str, token: str) -> None:
    response = Client().get(URL, headers={"Authorization": sent})
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == "Bearer"
    assert b"second_look" not in response.content


def test_where_no_token_is_set_there_is_no_such_address(settings: Settings) -> None:
    settings.METRICS_TOKEN = ""
    assert Client().get(URL, headers={"Authorization": "Bearer "}).status_code == 404
