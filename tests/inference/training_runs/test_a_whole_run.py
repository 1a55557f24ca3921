"""From a frozen version to a candidate, through the real training command and real files."""

from pathlib import Path

import pytest
from django.conf import settings

from accounts.models import Organisation, User
from clinic.models import DatasetTombstone
from inference.engine.package import open_package
from inference.models import ModelState, RunState
from inference.services import install_package
from inference.services.training import request_training
from inference.worker.training.job import train_next
from tests.inference.training_runs.frozen import QUICK, frozen_pictures, operator

pytestmark = [pytest.mark.django_db, pytest.mark.model]


def test_a_run_leaves_a_candidate_that_says_where_it_comes_from(
    northside: Organisation, ada: User, package_zip: Path
) -> None:
    parent = install_package(file=package_zip, actor=None)
    version = frozen_pictures(northside)
    withdrawn = version.rows.filter(label="nv", split="train").earliest("number")
    DatasetTombstone.objects.create(row=withdrawn, withdrawn_on="2026-01-02")
    request_training(
        version=version,
        recipe="resnet18",
        start_from=parent,
        settings=QUICK,
        seed=3,
        actor=operator(ada),
    )

    run = train_next(must_stop=lambda: False)

    assert run is not None
    assert (run.state, run.reason) == (RunState.SUCCEEDED, ""), run.log
    assert [row["epoch"] for row in run.epochs] == [1.0]
    assert {"loss", "balanced_accuracy", "macro_auc"} <= set(run.epochs[0])
    assert "Epoch 1 of 1 at 48 px" in run.log
    assert "--init-weights untrained-1.0.0.zip" in run.command
    assert "Starting weights: untrained-1.0.0.zip" in run.candidate.card  # type: ignore[union-attr]
    candidate = run.candidate
    assert candidate is not None
    assert (str(candidate), candidate.state) == ("resnet18 1.0.0", ModelState.CANDIDATE)
    assert candidate.installed_by_id == ada.pk
    with candidate.package.open("rb") as stored:
        training = open_package(stored).training
    assert training["lineage"] == {
        "run": str(run.pk),
        "data_set": "Nevi of spring",
        "data_set_version": 1,
        "data_set_digest": version.digest,
        "split_digest": version.split_digest,
        "withdrawn_rows": 1,
        "recipe": "resnet18",
        "changes": list(QUICK),
        "seed": 3,
        "code_revision": run.code_revision,
        "parent": {"name": "untrained", "version": "1.0.0", "digest": parent.digest},
    }
    assert training["seed"] == 3
    assert training["images"]["train"] == 13, "the picture of who withdrew consent is not in it"
    assert training["git_revision"] == run.code_revision
    assert version.digest in candidate.card
    assert f"weights of {parent}" in candidate.card
    assert "patients' consent" in candidate.licence
    assert not list(Path(settings.TRAINING_FOLDER).iterdir()), "pictures of patients are left"
