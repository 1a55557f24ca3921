"""`manage.py fill_demo`, whole: people, the committed model, synthetic patients."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.db.models import Count
from django.test import Client
from django.utils import timezone

from accounts.models import Organisation, User
from clinic.models import (
    CLOSED_STATES,
    Annotation,
    Case,
    CaseState,
    DatasetExport,
    DatasetVersion,
    Lesion,
    LesionImage,
    Notification,
    PathologyResult,
    Patient,
    Reading,
)
from clinic.selectors.case_history import case_history
from clinic.selectors.signatures import is_intact
from config.demo.people import ensure_people
from inference.models import ModelVersion, Prediction
from inference.services.operators import is_operator


def fill(path: Path) -> dict:
    call_command("fill_demo", base_url="http://127.0.0.1:8000", write=path, stdout=StringIO())
    return json.loads(path.read_text())


def counts() -> dict[str, int]:
    models = (
        *(Organisation, User, Patient, Case, LesionImage, ModelVersion, Prediction),
        *(DatasetVersion, DatasetExport),
    )
    return {model.__name__: model.objects.count() for model in models}


@pytest.mark.model
def test_the_demo_is_filled_once_and_its_sign_ins_work(
    db: None, tmp_path: Path, client: Client
) -> None:
    facts = fill(tmp_path / "demo.json")
    first = counts()

    assert facts["base_url"] == "http://127.0.0.1:8000"
    assert (tmp_path / "demo.json").stat().st_mode & 0o077 == 0
    for person in facts["users"]:
        assert client.login(username=person["email"], password=person["password"]), person
    answer = client.post(
        "/oauth/token/", {"grant_type": "client_credentials", **facts["api_client"]}
    )
    assert answer.status_code == 200
    # Concordant is a case only for as long as a transaction takes.
    states = set(CaseState.values) - {CaseState.CONCORDANT}
    assert set(Case.objects.values_list("state", flat=True)) == states
    assert not Patient.objects.filter(is_synthetic=False).exists()
    assert ModelVersion.objects.get().state == "active"
    assert [user.email for user in User.objects.all() if is_operator(user)] == [
        "ada@northside.example"
    ]
    assert Prediction.objects.filter(state="queued").exists()

    assert_the_past_is_whole()
    assert_a_data_set_is_frozen()
    assert fill(tmp_path / "demo.json") == facts
    assert counts() == first


def assert_the_past_is_whole() -> None:
    """Read blind, some twice, signed as people sign; the model's answers are the model's."""
    signed = Reading.objects.filter(state="signed").exclude(role="amendment")
    assert Case.objects.filter(state__in=CLOSED_STATES).count() >= 40
    for reading in signed:
        assert reading.is_blind
        assert reading.model_opinion
        times = [
            *(reading.case.submitted_at, reading.assigned_at, reading.committed_at),
            *(reading.revealed_at, reading.signed_at, timezone.now()),
        ]
        assert times == sorted(times)  # type: ignore[type-var]
        assert 0 < reading.active_seconds < 600
        assert is_intact(reading)
    weeks = {(timezone.now() - reading.signed_at).days // 7 for reading in signed}
    assert len(weeks & set(range(12))) >= 11
    assert signed.filter(role="second").exists()
    assert PathologyResult.objects.count() >= 15
    assert Annotation.objects.filter(label="lesion_border").exists()
    assert Notification.objects.filter(recipient__email="alice@northside.example").exists()
    lesions = Lesion.objects.annotate(visits=Count("images__case", distinct=True))
    assert lesions.filter(visits__gte=2).count() >= 4
    alice = User.objects.get(email="alice@northside.example")
    history = case_history(alice, Case.objects.filter(state="amended").get())
    assert [entry.what for entry in history][-1] == "Answer amended"
    assert all(entry.who is not None for entry in history if entry.what != "Case closed")


def assert_a_data_set_is_frozen() -> None:
    """Enough of what was signed, over several classes; exported, and patients set aside."""
    version = DatasetVersion.objects.get(kind="training")
    assert version.image_count >= 25
    assert len(version.counts["label"]) >= 5
    assert set(version.counts["split"]) == {"train", "validation", "test"}
    assert DatasetVersion.objects.get(kind="sealed").patient_count >= 5
    assert DatasetExport.objects.get().state == "succeeded"


def test_a_lost_file_of_sign_ins_is_made_anew(db: None, client: Client) -> None:
    ensure_people(facts={})
    facts = ensure_people(facts={})
    for person in facts["users"]:
        assert client.login(username=person["email"], password=person["password"]), person


def test_a_production_is_never_filled(db: None, settings: LazySettings, tmp_path: Path) -> None:
    settings.ENVIRONMENT = "production"
    with pytest.raises(CommandError, match="do not belong"):
        fill(tmp_path / "demo.json")
    assert not User.objects.exists()
