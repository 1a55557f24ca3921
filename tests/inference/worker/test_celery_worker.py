"""The whole way through a real Celery worker process, a real broker and PostgreSQL."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import transaction

from clinic.models import LesionImage
from inference.models import Prediction
from inference.services import queue_predictions
from tests.inference.worker.test_several_workers import _address_of_the_test_database

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.model]

PATIENCE = 120.0


@pytest.fixture
def worker(package_zip: Path, tmp_path: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A worker as the demo starts it, with a model in service."""
    call_command("install_model", str(package_zip), "--activate", verbosity=0)
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings.demo",
        "SECRET_KEY": "only-for-tests",
        "DATABASE_URL": _address_of_the_test_database(),
        "MEDIA_ROOT": str(settings.MEDIA_ROOT),
        "INFERENCE_CACHE_DIR": str(tmp_path),
    }
    command = [
        *(sys.executable, "-m", "celery", "--app", "config.celery", "worker"),
        *("--pool", "prefork", "--concurrency", "1", "--without-gossip", "--without-mingle"),
    ]
    with (tmp_path / "worker.log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=settings.BASE_DIR, env=environment, stdout=log, stderr=log
        )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait_until(condition: Callable[[], bool], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, log.read_text()[-3000:]
        time.sleep(0.05)


def count(state: str) -> int:
    return Prediction.objects.filter(state=state).count()


def test_uploads_are_answered_and_a_worker_that_is_stopped_leaves_nothing_running(
    worker: "subprocess.Popen[bytes]", picture: Callable[..., LesionImage], tmp_path: Path
) -> None:
    log = tmp_path / "worker.log"
    with transaction.atomic():
        queue_predictions(images=[picture()])
    wait_until(lambda: count("succeeded") == 1, log)
    answered = Prediction.objects.get(state="succeeded")
    assert answered.called == answered.top_class, "this package has no decision of its own"
    assert answered.plausible == [], "and promises nothing"
    assert len(answered.features.vector) == 512
    assert sum(value * value for value in answered.features.vector) == pytest.approx(1, abs=1e-5)

    with transaction.atomic():
        queue_predictions(images=[picture() for _ in range(600)])
    wait_until(lambda: count("succeeded") > 1, log)
    worker.send_signal(signal.SIGTERM)
    worker.wait(60)

    assert count("running") == 0
    assert count("succeeded") + count("queued") == 601
    assert count("queued") > 0, "it did not wait for the whole queue"
    put_back: Any = Prediction.objects.filter(state="queued")
    assert set(put_back.values_list("attempts", flat=True)) == {0}
