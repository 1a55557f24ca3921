"""Answers and models by API."""

import pytest
from django.utils import timezone

from accounts.models import Organisation
from inference.models import Prediction
from tests.api.senders import Sender
from tests.factories import (
    CaseFactory,
    LesionImageFactory,
    ModelVersionFactory,
    PatientFactory,
    PredictionFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def image(northside: Organisation):  # type: ignore[no-untyped-def]
    return LesionImageFactory(case=CaseFactory(patient=PatientFactory(organisation=northside)))


def test_an_answer_has_its_probabilities_and_the_models_name(dashboard: Sender, image) -> None:  # type: ignore[no-untyped-def]
    model = ModelVersionFactory(name="resnet18", version="1.2.0")
    prediction = PredictionFactory(image=image, model_version=model, answered=True)
    body = dashboard.get(f"/predictions/{prediction.pk}/").json()
    assert body["state"] == "succeeded"
    assert sum(body["probabilities"].values()) == pytest.approx(1)
    assert (body["top_class"], body["malignancy"]) == ("mel", 0.67)
    assert body["model"] == {"id": str(model.pk), "name": "resnet18", "version": "1.2.0"}
    assert body["case"] == str(image.case_id)
    assert body["lesion"] == str(image.lesion_id)


def test_an_answer_has_what_cannot_be_ruled_out_and_how_strange_the_image_is(
    dashboard: Sender,
    image,  # type: ignore[no-untyped-def]
) -> None:
    prediction = PredictionFactory(
        image=image, answered=True, called="akiec", plausible=["akiec", "mel"], strangeness=1.2
    )
    body = dashboard.get(f"/predictions/{prediction.pk}/").json()
    assert (body["called"], body["plausible"]) == ("akiec", ["akiec", "mel"])
    assert body["strangeness"] == 1.2
    assert "features" not in body


def test_an_answer_from_before_says_that_these_were_not_recorded(
    dashboard: Sender,
    image,  # type: ignore[no-untyped-def]
) -> None:
    prediction = PredictionFactory(image=image, answered=True)
    body = dashboard.get(f"/predictions/{prediction.pk}/").json()
    assert (body["called"], body["plausible"], body["strangeness"]) == ("", None, None)


def test_a_failed_answer_says_why_and_can_be_asked_for_again(
    records_system: Sender,
    image,  # type: ignore[no-untyped-def]
) -> None:
    prediction = PredictionFactory(image=image, failed=True)
    (row,) = records_system.get("/predictions/", state="failed").json()["results"]
    assert row["reason"] == "The stored image could not be read."
    answer = records_system.post(f"/predictions/{prediction.pk}/retry/")
    assert (answer.status_code, answer.json()["state"]) == (200, "queued")
    again = records_system.post(f"/predictions/{prediction.pk}/retry/")
    assert (again.status_code, again.json()["state"]) == (200, "queued")


def test_a_model_that_left_service_is_not_asked_again(
    records_system: Sender,
    image,  # type: ignore[no-untyped-def]
) -> None:
    model = ModelVersionFactory(state="retired", retired_at=timezone.now())
    prediction = PredictionFactory(image=image, failed=True, model_version=model)
    answer = records_system.post(f"/predictions/{prediction.pk}/retry/")
    assert (answer.status_code, answer.json()["code"]) == (409, "model_is_retired")
    assert Prediction.objects.get().state == "failed"


def test_answers_are_found_by_case_lesion_model_and_malignancy(
    dashboard: Sender,
    image,
    northside: Organisation,  # type: ignore[no-untyped-def]
) -> None:
    first = PredictionFactory(image=image, answered=True)
    other = LesionImageFactory(case=CaseFactory(patient=PatientFactory(organisation=northside)))
    PredictionFactory(image=other, model_version=first.model_version, answered=True, malignancy=0.1)
    for query, count in [
        ({"case": image.case_id}, 1),
        ({"lesion": image.lesion_id}, 1),
        ({"patient": image.case.patient_id}, 1),
        ({"image": image.pk}, 1),
        ({"model": first.model_version_id}, 2),
        ({"malignancy_from": "0.5"}, 1),
        ({"state": "queued"}, 0),
    ]:
        assert len(dashboard.get("/predictions/", **query).json()["results"]) == count, query


def test_a_model_shows_its_card_alone_and_not_in_the_list(dashboard: Sender) -> None:
    model = ModelVersionFactory(card="# Dermoscopic, seven classes", metrics={"balanced": 0.7})
    (row,) = dashboard.get("/models/", state="active").json()["results"]
    assert row["metrics"] == {"balanced": 0.7}
    assert "card" not in row
    assert dashboard.get(f"/models/{model.pk}/").json()["card"] == "# Dermoscopic, seven classes"
