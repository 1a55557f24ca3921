"""Workers side by side, workers that are killed, storage that comes and goes: for real."""

import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection, connections

from accounts.models import Organisation, User
from clinic.models import DatasetExport, DatasetExportFile, ExportState
from clinic.services import load_taxonomy
from clinic.services.dataset_exports import (
    cancel_export,
    claim_export,
    request_export,
    retry_export,
    write,
    write_export,
)
from clinic.services.taxonomy import TAXONOMY_DIR
from clinic.storage import PrivateFileStorage
from clinic.tasks import sweep_exports_task, write_exports_task
from tests.clinic.exported import files_in, let_leases_run_out, pictured_version

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def taxonomy(transactional_db: None) -> None:
    """What the migrations loaded, and an earlier test of this kind took away."""
    load_taxonomy(path=TAXONOMY_DIR / "2026.1.json")


@pytest.fixture
def asked(northside: Organisation, ada: User) -> Callable[..., DatasetExport]:
    def ask(pictures: int = 3, *, form: str = "isic", delivery: str = "files") -> DatasetExport:
        version = pictured_version(northside, pictures)
        return request_export(version=version, format=form, delivery=delivery, actor=ada)

    return ask


def test_workers_that_claim_at_the_same_time_never_get_the_same_export(
    asked: Callable[..., DatasetExport],
) -> None:
    exports = [asked(1) for _ in range(8)]
    start = threading.Barrier(4)

    def work(_: int) -> list[UUID]:
        start.wait()
        keys = []
        try:
            while claim := claim_export():
                keys.append(claim.export.pk)
        finally:
            connections.close_all()
        return keys

    with ThreadPoolExecutor(4) as threads:
        keys = [key for found in threads.map(work, range(4)) for key in found]
    assert sorted(keys) == sorted(export.pk for export in exports)


def test_two_clicks_at_the_same_moment_are_one_export(northside: Organisation, ada: User) -> None:
    version = pictured_version(northside)
    start = threading.Barrier(4)

    def click(_: int) -> UUID:
        start.wait()
        try:
            return request_export(version=version, format="isic", delivery="zip", actor=ada).pk
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as threads:
        assert len(set(threads.map(click, range(4)))) == 1
    assert DatasetExport.objects.count() == 1


DIES = """
import django, time
django.setup()
from clinic.services.dataset_exports import stored, write
real = stored.save_pieces
copied = []
def half_written(name, pieces, *, on_piece):
    if len(copied) == {after}:
        def some():
            yield b"half of "
            print("at work", flush=True)
            time.sleep(60)
        return real(name, some(), on_piece=on_piece)
    copied.append(name)
    return real(name, pieces, on_piece=on_piece)
stored.save_pieces = write.save_pieces = half_written
write.BEAT_SECONDS = 0
from clinic.tasks import write_exports_task
write_exports_task()
"""


@pytest.mark.parametrize("after", [0, 1, 5, 57], ids=lambda count: f"after {count} files")
def test_the_successor_of_a_killed_worker_goes_on_behind_what_lies_there_whole(
    after: int, asked: Callable[..., DatasetExport]
) -> None:
    export = asked(60)
    with subprocess.Popen(
        [sys.executable, "-c", DIES.format(after=after)],
        stdout=subprocess.PIPE, text=True, cwd=settings.BASE_DIR, env=_environment(),
    ) as worker:  # fmt: skip
        assert worker.stdout is not None
        assert worker.stdout.readline().strip() == "at work"
        worker.send_signal(signal.SIGKILL)
        worker.wait()

    export.refresh_from_db()
    assert export.state == ExportState.RUNNING
    whole = dict(export.files.values_list("path", "created_at"))
    assert len(whole) == after
    assert write_exports_task() is False, "its lease has not run out"
    let_leases_run_out()
    assert write_exports_task() is True
    again = dict(export.files.values_list("path", "created_at"))
    assert whole.items() <= again.items(), "what lay there whole was not written again"
    export.refresh_from_db()
    assert export.done == export.total == 65
    pictures = {
        path: content for path, content in files_in(export).items() if path.endswith(".jpg")
    }
    assert len(pictures) == 60
    assert not [path for path, content in files_in(export).items() if b"half of" in content]
    assert sorted(_below(export.prefix)) == sorted(again), "nothing half written is left"


def _below(folder: str, inside: str = "") -> list[str]:
    folders, files = default_storage.listdir(folder)
    found = [f"{inside}{name}" for name in files]
    for name in folders:
        found += _below(f"{folder}/{name}", f"{inside}{name}/")
    return found


def _environment() -> dict[str, str]:
    """For a process on this test's database and files."""
    base, _, query = os.environ["DATABASE_URL"].partition("?")
    address = f"{base.rsplit('/', 1)[0]}/{connection.settings_dict['NAME']}"
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings.demo",
        "SECRET_KEY": "only-for-tests",
        "DATABASE_URL": address + (f"?{query}" if query else ""),
        "MEDIA_ROOT": str(settings.MEDIA_ROOT),
    }


def test_an_export_that_kills_five_workers_is_given_up_and_can_be_tried_again(
    asked: Callable[..., DatasetExport], ada: User
) -> None:
    export = asked()
    for _ in range(5):
        assert claim_export() is not None
        assert sweep_exports_task() == "0 given up, 0 expired, 0 removed"
        let_leases_run_out()
    assert claim_export() is None
    assert sweep_exports_task() == "1 given up, 0 expired, 0 removed"
    export.refresh_from_db()
    assert export.reason.startswith("The worker stopped 5 times while it wrote this export.")
    retry_export(export=export, actor=ada)
    assert write_exports_task() is True


def test_storage_that_cannot_be_reached_is_asked_five_times(
    asked: Callable[..., DatasetExport],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    export = asked()

    def unreachable(*_: Any) -> None:
        raise ConnectionError("no route to the bucket")

    with monkeypatch.context() as broken, caplog.at_level(logging.ERROR):
        broken.setattr(PrivateFileStorage, "_save", unreachable)
        for attempt in range(1, 6):
            assert write_exports_task() is False
            export.refresh_from_db()
            state = ExportState.FAILED if attempt == 5 else ExportState.QUEUED
            assert (export.attempts, export.state) == (attempt, state)
            assert claim_export() is None, "not at once again"
            let_leases_run_out()
    assert export.reason == "Tried 5 times. ConnectionError: no route to the bucket"


def test_storage_that_comes_back_is_used(
    asked: Callable[..., DatasetExport], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked()
    with monkeypatch.context() as broken:
        broken.setattr(PrivateFileStorage, "_save", lambda *_: 1 / 0)
        assert write_exports_task() is False
    let_leases_run_out()
    assert write_exports_task() is True


def test_after_its_turn_an_export_waits_behind_nothing_and_goes_on(
    asked: Callable[..., DatasetExport], monkeypatch: pytest.MonkeyPatch
) -> None:
    export = asked(120)
    monkeypatch.setattr(write, "TURN_SECONDS", -1)
    assert write_exports_task() is False
    export.refresh_from_db()
    assert (export.state, export.attempts, export.lease_expires_at) == ("queued", 0, None)
    monkeypatch.setattr(write, "TURN_SECONDS", 60)
    assert write_exports_task() is True
    assert export.files.count() == 125


def test_one_that_is_cancelled_while_it_is_written_stops_and_leaves_nothing(
    asked: Callable[..., DatasetExport], ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = asked()
    claim = claim_export()
    assert claim is not None
    cancel_export(export=export, actor=ada)
    assert write_export(claim=claim) is False
    export.refresh_from_db()
    assert export.state == ExportState.CANCELLED
    assert sweep_exports_task().endswith("0 removed"), "the worker may still be writing"
    let_leases_run_out()
    assert sweep_exports_task().endswith("1 removed")
    assert not default_storage.exists(export.prefix)
    assert not DatasetExportFile.objects.exists()


def test_a_slow_worker_whose_export_was_taken_over_writes_nothing_into_it(
    asked: Callable[..., DatasetExport],
) -> None:
    export = asked()
    slow = claim_export()
    let_leases_run_out()
    quick = claim_export()
    assert slow is not None
    assert quick is not None
    assert write_export(claim=quick) is True
    assert write_export(claim=slow) is False
    export.refresh_from_db()
    assert export.state == ExportState.SUCCEEDED
    assert len(files_in(export)) == 8
