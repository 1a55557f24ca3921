"""Training runs by API: asked for by an operator, followed, cancelled, tried again."""

import pytest

from accounts.models import Organisation, User
from clinic.models import DatasetVersion
from inference.models import RunState, TrainingRun
from inference.services.training.leases import claim_training, report_training
from tests.api.senders import Sender, person
from tests.inference.training_runs.frozen import QUICK, frozen_pictures, operator

pytestmark = pytest.mark.django_db


@pytest.fixture
def version(northside: Organisation) -> DatasetVersion:
    return frozen_pictures(northside)


@pytest.fixture
def ada_sends(ada: User) -> Sender:
    return person(operator(ada))


def body(version: DatasetVersion, **values: object) -> dict[str, object]:
    asked = {"dataset_version": str(version.pk), "recipe": "resnet18", "settings": list(QUICK)}
    return {**asked, **values}


def test_an_operator_starts_a_run_and_follows_it(
    ada_sends: Sender, version: DatasetVersion
) -> None:
    made = ada_sends.post("/training-runs/", body(version, seed=5), idempotency_key="k-1")
    assert made.status_code == 201
    assert made.json()["state"] == "queued"
    address = f"/training-runs/{made.json()['id']}/"
    assert made["Location"].endswith(f"/api/v1{address}")
    again = ada_sends.post("/training-runs/", body(version, seed=5), idempotency_key="k-1")
    assert again.json()["id"] == made.json()["id"]
    assert TrainingRun.objects.count() == 1

    claimed = claim_training(machine="gpu-1")
    assert claimed is not None
    epochs = [{"epoch": 1.0, "loss": 1.5, "macro_auc": None}]
    report_training(claimed=claimed, stage="Epoch 2 of 3", epochs=epochs, log="Epoch 1")
    shown = ada_sends.get(address).json()
    assert (shown["state"], shown["stage"], shown["epochs"]) == ("running", "Epoch 2 of 3", epochs)
    listed = ada_sends.get("/training-runs/", state="running").json()["results"]
    assert [row["id"] for row in listed] == [made.json()["id"]]
    assert "log" not in listed[0]

    cancelled = ada_sends.post(f"{address}cancel/")
    assert cancelled.status_code == 200
    assert cancelled.json()["cancel_requested_at"] is not None


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"recipe": "alexnet"}, "There is no recipe called alexnet."),
        ({"settings": ["dropout=much"]}, "The setting dropout takes a float"),
        ({"settings": ["batch_size=512"]}, "14 training images, fewer than a batch of 512"),
    ],
)
def test_a_refusal_is_a_sentence(
    ada_sends: Sender, version: DatasetVersion, values: dict[str, object], sentence: str
) -> None:
    answer = ada_sends.post("/training-runs/", body(version, **values))
    assert answer.status_code == 400
    assert sentence in answer.content.decode()
    assert not TrainingRun.objects.exists()


def test_an_administrator_who_is_no_operator_looks_only(
    ada: User, ada_sends: Sender, version: DatasetVersion
) -> None:
    run = ada_sends.post("/training-runs/", body(version)).json()["id"]
    administrator = person(User.objects.get(pk=ada.pk))
    ada.user_permissions.clear()
    assert administrator.get(f"/training-runs/{run}/").status_code == 200
    assert administrator.post(f"/training-runs/{run}/cancel/").status_code == 403
    assert administrator.post("/training-runs/", body(version)).status_code == 403


def test_only_what_failed_or_was_lost_is_tried_again(
    ada_sends: Sender, version: DatasetVersion
) -> None:
    run = ada_sends.post("/training-runs/", body(version)).json()["id"]
    ada_sends.post(f"/training-runs/{run}/cancel/")
    refused = ada_sends.post(f"/training-runs/{run}/again/")
    assert refused.status_code == 409
    assert refused.json()["code"] == "training_has_ended"
    TrainingRun.objects.update(state="lost", reason="No sign of life.")
    assert ada_sends.post(f"/training-runs/{run}/again/").json()["state"] == RunState.QUEUED
