"""A run belongs to one machine, which shows that it lives or loses it."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import OperationalError
from django.utils import timezone

from accounts.models import Organisation
from inference.models import RunState, TrainingRun
from inference.services.training import cancel_training, try_training_again
from inference.services.training.endings import (
    RunTakenAway,
    fail_training,
    finish_training,
    next_version,
    put_back_training,
)
from inference.services.training.leases import (
    ClaimedRun,
    Standing,
    claim_training,
    report_training,
    take_back_lost_trainings,
)
from inference.worker.training.folder import RunFolder, tidy_folders
from inference.worker.training.pulse import Cancelled, MachineStops, Pulse, TakenAway
from tests.factories import ModelVersionFactory
from tests.inference.retraining_rows import a_training_run
from tests.inference.training_runs.frozen import frozen_pictures

pytestmark = pytest.mark.django_db


def claimed(**values: object) -> ClaimedRun:
    a_training_run(**values)
    found = claim_training(machine="gpu-1")
    assert found is not None
    return found


def silent_for_an_hour(run: TrainingRun) -> None:
    long_ago = timezone.now() - timedelta(hours=1)
    TrainingRun.objects.filter(pk=run.pk).update(lease_expires_at=long_ago)


def test_the_run_that_waits_longest_comes_first_and_to_one_machine() -> None:
    first, second = a_training_run(), a_training_run()
    runs = [claim_training(machine=name) for name in ("a", "b", "c")]
    assert [found and found.run.pk for found in runs] == [first.pk, second.pk, None]


def test_news_renew_the_lease() -> None:
    mine = claimed()
    silent_for_an_hour(mine.run)
    assert report_training(claimed=mine, stage="Epoch 2 of 3") is Standing.GO_ON
    assert take_back_lost_trainings() == 0
    mine.run.refresh_from_db()
    assert mine.run.stage == "Epoch 2 of 3"


def test_a_machine_that_died_loses_its_run_with_a_sentence() -> None:
    mine = claimed()
    silent_for_an_hour(mine.run)

    assert take_back_lost_trainings() == 1

    mine.run.refresh_from_db()
    assert mine.run.state == RunState.LOST
    assert "has not been heard from for 3 min" in mine.run.reason
    assert report_training(claimed=mine) is Standing.TAKEN_AWAY
    fail_training(claimed=mine, reason="Too late.")
    with pytest.raises(RunTakenAway):
        finish_training(claimed=mine, package=Path("unread"))
    mine.run.refresh_from_db()
    assert mine.run.state == RunState.LOST, "the machine that comes back changes nothing"


def test_a_lost_run_that_is_tried_again_is_another_claim() -> None:
    mine = claimed()
    put_back_training(claimed=mine)
    again = claim_training(machine="gpu-1", run=mine.run.pk)
    assert again is not None
    assert again.token != mine.token
    assert report_training(claimed=mine) is Standing.TAKEN_AWAY
    assert report_training(claimed=again) is Standing.GO_ON


def test_try_again_after_the_machine_died(northside: Organisation) -> None:
    mine = claimed(dataset_version=frozen_pictures(northside), settings=["batch_size=4"])
    silent_for_an_hour(mine.run)
    take_back_lost_trainings()
    again = try_training_again(run=mine.run, actor=None)
    assert (again.state, again.claimed_by, again.reason) == (RunState.QUEUED, "", "")
    assert again.started_at is not None, "it began then"


def test_a_cancelled_run_whose_machine_died_is_cancelled() -> None:
    mine = claimed()
    cancel_training(run=mine.run, actor=None)
    silent_for_an_hour(mine.run)
    take_back_lost_trainings()
    mine.run.refresh_from_db()
    assert mine.run.state == RunState.CANCELLED


def test_a_pulse_hears_why_it_should_stop() -> None:
    mine = claimed()
    pulse = Pulse(mine, must_stop=lambda: False)
    pulse.beat(now=True, stage="Epoch 1 of 2")
    cancel_training(run=mine.run, actor=None)
    with pytest.raises(Cancelled):
        pulse.beat(now=True)
    with pytest.raises(MachineStops):
        Pulse(mine, must_stop=lambda: True).beat()
    fail_training(claimed=mine, reason="Somebody else ended it.")
    with pytest.raises(TakenAway):
        pulse.beat(now=True)


def test_a_pulse_writes_at_most_once_a_second(django_assert_num_queries: object) -> None:
    pulse = Pulse(claimed(), must_stop=lambda: False)
    pulse.beat(now=True, stage="Epoch 1 of 2")
    with django_assert_num_queries(0):  # type: ignore[operator]
        for step in range(100):
            pulse.beat(done=step)
    pulse.beat(now=True)
    assert TrainingRun.objects.get().done == 99, "nothing of it is lost"


def test_a_database_that_is_away_for_a_moment_ends_no_training(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [1000.0]
    away: list[Exception] = [OperationalError("the connection is lost")]

    def report(**news: object) -> Standing:
        if away:
            raise away[0]
        return report_training(**news)  # type: ignore[arg-type]

    monkeypatch.setattr("inference.worker.training.pulse.report_training", report)
    monkeypatch.setattr("inference.worker.training.pulse.time.monotonic", lambda: now[0])
    pulse = Pulse(claimed(), must_stop=lambda: False)
    for step in range(5):
        now[0] += 30
        pulse.beat(done=step)
    away.clear()
    now[0] += 2
    pulse.beat()
    assert TrainingRun.objects.get().done == 4, "what it had to say was not forgotten"

    away.append(OperationalError("away for good"))
    now[0] += 30
    pulse.beat()
    now[0] += 200
    with pytest.raises(TakenAway):
        pulse.beat()


def test_the_next_version_counts_up_from_the_highest() -> None:
    assert next_version(name="resnet18") == "1.0.0"
    for version in ("2.9.1", "2.10.0", "1.99.0", "trial"):
        ModelVersionFactory(name="resnet18", version=version, state="candidate")
    assert next_version(name="resnet18") == "2.11.0"
    assert next_version(name="densenet121") == "1.0.0"


def test_folders_go_when_nothing_can_come_of_them() -> None:
    now = timezone.now()
    ended = {
        "done": (RunState.SUCCEEDED, now),
        "cancelled": (RunState.CANCELLED, now),
        "failed": (RunState.FAILED, now),
        "long-lost": (RunState.LOST, now - timedelta(days=30)),
    }
    for name in (*ended, "running"):
        RunFolder(name).open()
    assert tidy_folders(ended) == 3
    left = [name for name in (*ended, "running") if RunFolder(name).path.exists()]
    assert left == ["failed", "running"]
    for name in left:
        RunFolder(name).remove()
