"""Workers that make renditions side by side, and workers that die: real threads and processes."""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from celery import current_app
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, connections
from django.utils import timezone

from accounts import doorbell
from accounts.models import Organisation, User
from clinic.models import LesionImage, PendingRendition
from clinic.services import add_image, start_case
from clinic.services.renditions import (
    claim_rendition,
    fulfil_claim,
    queue_missing_renditions,
    rendition_names,
)
from clinic.storage import PrivateFileStorage
from clinic.tasks import make_renditions_task, sweep_renditions_task
from tests.clinic.imaging.pictures import jpeg
from tests.factories import LesionFactory, LesionImageFactory, PatientFactory

pytestmark = pytest.mark.django_db(transaction=True)

LARGE = jpeg(1700, 1200)


@pytest.fixture
def waiting() -> Callable[[int], list[LesionImage]]:
    """That many images whose renditions are queued."""

    def store(count: int) -> list[LesionImage]:
        images = [
            LesionImageFactory(file=ContentFile(LARGE, name="a.jpg"), width=1700, height=1200)
            for _ in range(count)
        ]
        assert queue_missing_renditions() == count
        return images

    return store


def expire_claims() -> None:
    past = timezone.now() - timedelta(seconds=1)
    PendingRendition.objects.filter(not_before__isnull=False).update(not_before=past)


def kept_files(image: LesionImage) -> list[str]:
    return [name for name in rendition_names(image) if default_storage.exists(name)]


def test_workers_that_claim_at_the_same_time_never_get_the_same_picture(
    waiting: Callable[[int], list[LesionImage]],
) -> None:
    images = waiting(24)
    start = threading.Barrier(6)

    def work(_: int) -> list[UUID]:
        start.wait()
        keys = []
        try:
            while claimed := claim_rendition():
                keys.append(claimed.image.pk)
        finally:
            connections.close_all()
        return keys

    with ThreadPoolExecutor(6) as threads:
        keys = [key for found in threads.map(work, range(6)) for key in found]
    assert sorted(keys) == sorted(image.pk for image in images)


DIES_AFTER_THE_CLAIM = """
import django, os, sys, time
django.setup()
from clinic.services import renditions
def hang(*_, **__):
    print("at work", flush=True)
    time.sleep(60)
renditions.make_rendition = hang
from clinic.tasks import make_renditions_task
make_renditions_task()
"""
DIES_BETWEEN_FILE_AND_ROW = """
import django, os, sys, time
django.setup()
from clinic.services import renditions
def hang(*_, **__):
    print("at work", flush=True)
    time.sleep(60)
renditions._still_ours = hang
from clinic.tasks import make_renditions_task
make_renditions_task()
"""


@pytest.mark.parametrize(
    ("worker_that_dies", "left_behind"),
    [(DIES_AFTER_THE_CLAIM, 0), (DIES_BETWEEN_FILE_AND_ROW, 1)],
    ids=["after the claim", "between file and row"],
)
def test_a_killed_worker_loses_nothing_and_leaves_nothing(
    worker_that_dies: str, left_behind: int, waiting: Callable[[int], list[LesionImage]]
) -> None:
    (image,) = waiting(1)
    with subprocess.Popen(
        [sys.executable, "-c", worker_that_dies],
        stdout=subprocess.PIPE, text=True, cwd=settings.BASE_DIR, env=_environment(),
    ) as worker:  # fmt: skip
        assert worker.stdout is not None
        assert worker.stdout.readline().strip() == "at work"
        worker.send_signal(signal.SIGKILL)
        worker.wait()

    assert len(kept_files(image)) == left_behind
    assert make_renditions_task() == 0, "its claim has not expired yet"
    expire_claims()
    assert make_renditions_task() == 1
    image.refresh_from_db()
    assert kept_files(image) == [image.rendition.name], "what the dead one left is gone"
    assert not PendingRendition.objects.exists()


def _environment() -> dict[str, str]:
    """For a process on this test's database and files."""
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings.demo",
        "SECRET_KEY": "only-for-tests",
        "DATABASE_URL": _address_of_the_test_database(),
        "MEDIA_ROOT": str(settings.MEDIA_ROOT),
    }


def _address_of_the_test_database() -> str:
    base, _, query = os.environ["DATABASE_URL"].partition("?")
    return f"{base.rsplit('/', 1)[0]}/{connection.settings_dict['NAME']}" + (
        f"?{query}" if query else ""
    )


def test_a_picture_that_kills_three_workers_is_left_with_a_reason(
    waiting: Callable[[int], list[LesionImage]], caplog: pytest.LogCaptureFixture
) -> None:
    (image,) = waiting(1)
    for _ in range(3):
        assert claim_rendition() is not None
        assert sweep_renditions_task() == "0 queued, 0 given up"
        expire_claims()
    assert claim_rendition() is None

    with caplog.at_level(logging.ERROR):
        assert sweep_renditions_task() == "0 queued, 1 given up"
    assert f"no rendition of image {image.pk}: The worker stopped 3 times" in caplog.text
    assert PendingRendition.objects.get().reason.startswith("The worker stopped 3 times")
    assert sweep_renditions_task() == "0 queued, 0 given up"


def test_storage_that_cannot_be_reached_is_asked_three_times(
    waiting: Callable[[int], list[LesionImage]],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    (image,) = waiting(1)

    def unreachable(*_: Any) -> None:
        raise ConnectionError("no route to the bucket")

    with monkeypatch.context() as broken:
        broken.setattr(PrivateFileStorage, "_save", unreachable)
        for attempt in (1, 2, 3):
            assert make_renditions_task() == 0
            pending = PendingRendition.objects.get()
            assert (pending.attempts, bool(pending.reason)) == (attempt, attempt == 3)
            assert claim_rendition() is None, "not at once again"
            expire_claims()
    assert pending.reason == "Tried 3 times. ConnectionError: no route to the bucket"
    assert pending.reason in caplog.text
    assert make_renditions_task() == 0
    image.refresh_from_db()
    assert not image.rendition


def test_storage_that_comes_back_is_used(
    waiting: Callable[[int], list[LesionImage]], monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting(1)

    def no_memory(*_: Any) -> None:
        raise MemoryError

    with monkeypatch.context() as broken:
        broken.setattr("clinic.services.renditions.make_rendition", no_memory)
        make_renditions_task()
    expire_claims()
    assert make_renditions_task() == 1


def test_a_slow_worker_whose_claim_was_taken_over_keeps_nothing(
    waiting: Callable[[int], list[LesionImage]],
) -> None:
    (image,) = waiting(1)
    slow = claim_rendition()
    expire_claims()
    quick = claim_rendition()
    assert slow
    assert quick
    assert quick.attempt == 2

    # Whoever is first, the file that the row names is there, and no other.
    assert fulfil_claim(claimed=slow) is False
    assert kept_files(image) == []
    assert fulfil_claim(claimed=quick) is True
    assert fulfil_claim(claimed=slow) is False
    image.refresh_from_db()
    assert kept_files(image) == [image.rendition.name]


def test_an_upload_has_its_rendition_from_a_real_worker(
    alice: User, northside: Organisation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through the upload's own message, a real broker and a Celery worker as the demo starts it."""
    monkeypatch.setattr(doorbell, "_quiet_until", 0.0)
    with current_app.connection_for_read() as broker:
        broker.SimpleQueue("celery").clear()
    case = start_case(patient=PatientFactory(organisation=northside), actor=alice)
    lesion = LesionFactory(patient=case.patient)
    image = add_image(case=case, lesion=lesion, content=LARGE, actor=alice)
    command = [
        *(sys.executable, "-m", "celery", "--app", "config.celery", "worker"),
        *("--pool", "prefork", "--concurrency", "1", "--without-gossip", "--without-mingle"),
    ]
    with (tmp_path / "worker.log").open("wb") as log:
        worker = subprocess.Popen(
            command, cwd=settings.BASE_DIR, env=_environment(), stdout=log, stderr=log
        )
        try:
            deadline = time.monotonic() + 120
            while PendingRendition.objects.exists():
                assert time.monotonic() < deadline, (tmp_path / "worker.log").read_text()[-3000:]
                time.sleep(0.05)
        finally:
            worker.terminate()
            try:
                worker.wait(30)
            except subprocess.TimeoutExpired:
                worker.kill()
                worker.wait()
    image.refresh_from_db()
    assert kept_files(image) == [image.rendition.name]
