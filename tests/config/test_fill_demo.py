"""`manage.py fill_demo`, whole: people, the committed model, synthetic patients."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import Organisation, User
from clinic.models import Case, CaseState, LesionImage, Patient
from config.demo.people import ensure_people
from inference.models import ModelVersion, Prediction
from inference.services.operators import is_operator


def fill(path: Path) -> dict:
    call_command("fill_demo", base_url="http://127.0.0.1:8000", write=path, stdout=StringIO())
    return json.loads(path.read_text())


def counts() -> dict[str, int]:
    models = (Organisation, User, Patient, Case, LesionImage, ModelVersion, Prediction)
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
    assert set(Case.objects.values_list("state", flat=True)) == set(CaseState.values)
    assert not Patient.objects.filter(is_synthetic=False).exists()
    assert ModelVersion.objects.get().state == "active"
    assert [user.email for user in User.objects.all() if is_operator(user)] == [
        "ada@northside.example"
    ]
    assert Prediction.objects.filter(state="queued").exists()

    assert fill(tmp_path / "demo.json") == facts
    assert counts() == first


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
