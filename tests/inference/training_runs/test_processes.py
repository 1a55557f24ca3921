"""A training command's processes: what it says is kept, and nothing of it outlives its starter."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings

from inference.worker.training.process import run_command
from inference.worker.training.pulse import Cancelled

PATIENCE = 30.0
# A command with a child of its own, as torchrun has; both would run for an hour.
FAMILY = (
    "import subprocess, sys, pathlib, os\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(3600)'])\n"
    "pathlib.Path(sys.argv[1]).write_text(f'{os.getpid()} {child.pid}')\n"
    "child.wait()\n"
)


def is_running(pid: int) -> bool:
    """Neither gone nor a zombie that only waits to be asked for its status."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def pids(written: Path) -> list[int]:
    deadline = time.monotonic() + PATIENCE
    while not (written.exists() and len(written.read_text().split()) == 2):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return [int(pid) for pid in written.read_text().split()]


def wait_until_gone(*found: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while any(is_running(pid) for pid in found):
        assert time.monotonic() < deadline, "still running"
        time.sleep(0.05)


def test_status_and_words_of_a_command_are_known(tmp_path: Path) -> None:
    log = tmp_path / "log.txt"
    code = "import sys; print('one'); print('two', file=sys.stderr); sys.exit(3)"
    assert run_command([sys.executable, "-c", code], log=log, meanwhile=lambda: None) == 3
    assert sorted(log.read_text().split()) == ["one", "two"]


def test_the_training_command_is_given_no_key_to_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SECRET_KEY", "DATABASE_URL", "STORAGE_SECRET_KEY"):
        monkeypatch.setenv(name, "a-secret-of-the-clinic")
    log = tmp_path / "log.txt"
    code = "import os; print(*os.environ.values())"
    assert run_command([sys.executable, "-c", code], log=log, meanwhile=lambda: None) == 0
    assert log.read_text().strip()
    assert "a-secret-of-the-clinic" not in log.read_text()


def test_what_is_cancelled_ends_with_all_that_it_started(tmp_path: Path) -> None:
    written = tmp_path / "pids"

    def cancel() -> None:
        if written.exists() and len(written.read_text().split()) == 2:
            raise Cancelled

    command = [sys.executable, "-c", FAMILY, str(written)]
    with pytest.raises(Cancelled):
        run_command(command, log=tmp_path / "log.txt", meanwhile=cancel)
    wait_until_gone(*pids(written))


def test_what_ignores_being_asked_is_ended_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inference.worker.training.lifeline.SECONDS_TO_STOP", 0.5)
    written = tmp_path / "pids"
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + FAMILY

    def cancel() -> None:
        if written.exists() and len(written.read_text().split()) == 2:
            raise Cancelled

    command = [sys.executable, "-c", deaf, str(written)]
    with pytest.raises(Cancelled):
        run_command(command, log=tmp_path / "log.txt", meanwhile=cancel)
    wait_until_gone(*pids(written))


def test_nothing_goes_on_when_the_machines_worker_is_killed_outright(tmp_path: Path) -> None:
    written = tmp_path / "pids"
    starter = (
        "import django, sys, pathlib\n"
        "django.setup()\n"
        "from inference.worker.training.process import run_command\n"
        "run_command(sys.argv[2:], log=pathlib.Path(sys.argv[1]), meanwhile=lambda: None)\n"
    )
    command = [
        *(sys.executable, "-c", starter, str(tmp_path / "log.txt")),
        *(sys.executable, "-c", FAMILY, str(written)),
    ]
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings.test"}
    worker = subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment)
    try:
        found = pids(written)
        assert all(is_running(pid) for pid in found)
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    wait_until_gone(*found)
