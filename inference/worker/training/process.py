"""One command of `inference.training`, in a process group of its own, its words in a log file."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from django.conf import settings

from inference.worker.training import lifeline

LOOKS_EVERY = 0.25  # seconds
# The training command needs no database, no broker and no storage, so it is given no key to them.
KEPT_FROM_IT = (
    "SECRET_KEY", "SECRET_KEY_FALLBACKS", "DATABASE_URL", "BROKER_URL", "CACHE_URL",
    "STORAGE_ACCESS_KEY", "STORAGE_SECRET_KEY", "EMAIL_HOST_PASSWORD", "POSTGRES_PASSWORD",
    "ROOT_ACCESS_KEY", "ROOT_SECRET_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
)  # fmt: skip
# glibc keeps freed memory: returning each batch's memory costs torch a third of its speed.
MALLOC = {"MALLOC_MMAP_THRESHOLD_": str(32 * 2**20), "MALLOC_TRIM_THRESHOLD_": str(2**30)}


def run_command(
    command: Sequence[str],
    *,
    log: Path,
    meanwhile: Callable[[], None],
    surroundings: Mapping[str, str] | None = None,
) -> int:
    """Run to its end; returns the exit status. `meanwhile` is called a few times a second.

    `surroundings` are environment variables beside this process's own.

    Whatever `meanwhile` raises ends the command and all it started, and is then raised.
    """
    with log.open("ab") as words:
        process = subprocess.Popen(  # noqa: S603  # our own command line
            [sys.executable, lifeline.__file__, *command],
            stdin=subprocess.PIPE,
            stdout=words,
            stderr=subprocess.STDOUT,
            cwd=settings.BASE_DIR,
            env=_environment() | dict(surroundings or {}),
            start_new_session=True,
        )
    try:
        while (status := process.poll()) is None:
            meanwhile()
            time.sleep(LOOKS_EVERY)
        return status
    finally:
        _stop(process)


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """Ask, wait, kill: nothing of the group is left running."""
    if process.poll() is None:
        _signal(process, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(lifeline.SECONDS_TO_STOP)
    _signal(process, signal.SIGKILL)
    process.wait()
    if process.stdin:
        process.stdin.close()


def _signal(process: "subprocess.Popen[bytes]", signum: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signum)


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in KEPT_FROM_IT}
    return {**MALLOC, **kept, "PYTHONUNBUFFERED": "1"}
