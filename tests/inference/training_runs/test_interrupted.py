"""Real processes that are killed, stopped and cancelled while they train."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from accounts.models import Organisation
from clinic.models import DatasetVersion
from clinic.services import load_taxonomy
from clinic.services.taxonomy import TAXONOMY_DIR
from inference.models import RunState, TrainingRun
from inference.services.training import cancel_training, request_training, try_training_again
from inference.services.training.leases import take_back_lost_trainings
from inference.worker.training.folder import RunFolder
from inference.worker.training.job import train_next
from tests.inference.training_runs.frozen import QUICK, frozen_pictures
from tests.inference.worker.test_several_workers import _address_of_the_test_database

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.model]

PATIENCE = 180.0
LONG = ("stages=400@48", *QUICK[1:])  # far more epochs than anybody waits for


@pytest.fixture
def version(northside: Organisation) -> DatasetVersion:
    load_taxonomy(path=TAXONOMY_DIR / "2026.1.json")
    return frozen_pictures(northside)


@contextmanager
def running(*command: str, log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings.demo",
        "SECRET_KEY": "only-for-tests",
        "DATABASE_URL": _address_of_the_test_database(),
        "MEDIA_ROOT": str(settings.MEDIA_ROOT),
        "TRAINING_FOLDER": str(settings.TRAINING_FOLDER),
        "TRAINING_THREADS": "1",
        "INFERENCE_LOAD_EARLY": "false",
    }
    with log.open("wb") as words:
        process = subprocess.Popen(
            [sys.executable, *command],
            cwd=settings.BASE_DIR, env=environment, stdout=words, stderr=words,
        )  # fmt: skip
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def wait_until(condition: Callable[[], Any], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, log.read_text()[-3000:]
        time.sleep(0.1)


def processes_of(folder: RunFolder) -> list[str]:
    """Command lines that name the run's folder."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except (OSError, UnicodeDecodeError):
            continue
        if str(folder.path) in words:
            found.append(words)
    return found


def run_now() -> TrainingRun:
    return TrainingRun.objects.get()


def test_a_machine_that_dies_leaves_nothing_running_and_goes_on_when_tried_again(
    version: DatasetVersion, tmp_path: Path
) -> None:
    log = tmp_path / "retrain.log"
    changes = [f"--set={setting}" for setting in LONG]
    arguments = ("--dataset", version.digest[:12], "--recipe", "resnet18", "--here", *changes)
    with running("manage.py", "retrain", *arguments, log=log) as machine:
        wait_until(lambda: TrainingRun.objects.filter(epochs__2__isnull=False).exists(), log)
        folder = RunFolder(run_now().pk)
        assert processes_of(folder), "it trains in a process of its own"
        wait_until(lambda: "Epoch 2: loss" in log.read_text(), log)
        machine.send_signal(signal.SIGKILL)
        machine.wait()
    wait_until(lambda: not processes_of(folder), log)

    assert take_back_lost_trainings() == 0, "its lease has not expired yet"
    TrainingRun.objects.update(lease_expires_at=timezone.now() - timedelta(minutes=10))
    assert take_back_lost_trainings() == 1
    run = run_now()
    assert run.state == RunState.LOST
    assert "has not been heard from" in run.reason
    learned = len(run.epochs)

    try_training_again(run=run, actor=None)
    seen: list[int] = []

    def stop_after_another_epoch() -> bool:
        seen.append(len(run_now().epochs))
        return seen[-1] > learned

    train_next(must_stop=stop_after_another_epoch)

    run = run_now()
    assert run.state == RunState.QUEUED, "the worker was told to stop: the run is put back"
    assert [row["epoch"] for row in run.epochs] == list(range(1, len(run.epochs) + 1))
    assert run.log.count("Epoch 1 of 400 ") == 1, "it went on; it did not begin anew"
    assert not processes_of(folder)
    folder.remove()


def test_a_worker_of_the_queue_trains_what_is_asked_for_until_it_is_cancelled(
    version: DatasetVersion, tmp_path: Path
) -> None:
    log = tmp_path / "worker.log"
    worker = (
        *("-m", "celery", "--app", "config.celery", "worker", "--queues", "training"),
        *("--pool", "prefork", "--concurrency", "1", "--without-gossip", "--without-mingle"),
    )
    with running(*worker, log=log) as process:
        run = request_training(version=version, recipe="resnet18", settings=LONG, actor=None)
        wait_until(lambda: run_now().epochs, log)
        folder = RunFolder(run.pk)

        cancel_training(run=run, actor=None)

        wait_until(lambda: run_now().state == RunState.CANCELLED, log)
        assert not processes_of(folder)
        assert not folder.path.exists(), "pictures of patients are left"
        process.send_signal(signal.SIGTERM)
        process.wait(60)


@pytest.mark.parametrize("processes", [1, 2])
def test_what_the_trainer_refuses_stands_on_the_run(
    version: DatasetVersion, processes: int, settings: Any
) -> None:
    """Also under torchrun, which has the last word in the log."""
    settings.TRAINING_PROCESSES = processes
    request_training(
        version=version, recipe="resnet18", settings=[*QUICK, "watched=beauty"], actor=None
    )
    run = train_next(must_stop=lambda: False)
    assert run is not None
    assert run.state == RunState.FAILED
    assert run.reason.startswith("The setting watched is one of")
    assert run.reason in run.log
    RunFolder(run.pk).remove()
