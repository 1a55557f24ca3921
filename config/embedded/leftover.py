"""What a PostgreSQL whose parent was killed leaves behind: a process, or a file naming one."""

import os
import signal
import time
from pathlib import Path

from config.embedded.errors import EmbeddedServerError


def clear_leftover(data: Path, *, seconds: float = 20) -> None:
    """Stop a server that still runs on `data`, and remove a pid file that names no such server.

    The caller holds the data folder's lock, so a server found here belongs to nobody. Raises
    EmbeddedServerError where it does not stop.
    """
    pid_file = data / "postmaster.pid"
    try:
        pid = int(pid_file.read_text().split("\n", 1)[0])
    except FileNotFoundError:
        return
    except ValueError:  # cut short by a full disk or a crash
        pid_file.unlink()
        return
    if not Path("/proc/self").exists():
        return  # no way to see whose process it is: PostgreSQL itself decides
    if not _serves(pid, data):
        pid_file.unlink(missing_ok=True)
        return
    os.kill(pid, signal.SIGINT)
    deadline = time.monotonic() + seconds
    while _serves(pid, data):
        if time.monotonic() > deadline:
            raise EmbeddedServerError(
                f"A PostgreSQL of an earlier run (process {pid}) still uses {data} and does not "
                f"stop. End it (kill -QUIT {pid}) and start again."
            )
        time.sleep(0.05)


def _serves(pid: int, data: Path) -> bool:
    """Whether the process is alive with `data` as its working folder, as PostgreSQL's is."""
    try:
        return Path(f"/proc/{pid}/cwd").resolve(strict=True) == data.resolve()
    except OSError:
        return False
