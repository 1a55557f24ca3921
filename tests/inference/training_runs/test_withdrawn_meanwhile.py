"""Consent that is withdrawn while a trained model is being packaged."""

import pytest

from accounts.models import Organisation
from clinic.models import DatasetTombstone
from inference.models import ModelVersion, RunState
from inference.worker.training.folder import RunFolder
from inference.worker.training.job import train_next
from tests.inference.retraining_rows import a_training_run
from tests.inference.training_runs.frozen import frozen_pictures

pytestmark = pytest.mark.django_db


def test_a_withdrawal_during_the_packaging_leaves_no_candidate(
    northside: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = frozen_pictures(northside, codes=("mel", "nv"))
    run = a_training_run(dataset_version=version)
    row = version.rows.earliest("number")

    def command(job: object, options: list[str]) -> None:
        if options[0] == "package":
            DatasetTombstone.objects.create(row=row, withdrawn_on="2026-01-02")

    monkeypatch.setattr("inference.worker.training.job._Job._run", command)
    done = train_next(must_stop=lambda: False)

    assert done is not None
    assert done.state == RunState.FAILED
    assert done.reason.startswith("A patient withdrew consent while this was trained")
    assert not ModelVersion.objects.exists()
    assert not RunFolder(run.pk).path.exists(), "what was learned is thrown away"
