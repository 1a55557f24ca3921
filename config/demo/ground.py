"""What must hold before the demo starts: a folder of its own that it may write, and a free port."""

import errno
import os
import socket
from pathlib import Path

from config.demo.services import HOST
from config.embedded.errors import EmbeddedServerError
from config.embedded.lock import FolderLock


def claim(data: Path, *, port: int) -> FolderLock:
    """Make the data folder and lock it; raises EmbeddedServerError where either fails."""
    try:
        for folder in (data, data / "log", data / "media", data / "models"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = FolderLock(data / "lock")
        taken = not lock.acquire(note=f"http://{HOST}:{port}/ (process {os.getpid()})")
        if not taken:
            keep_only_previous_logs(data / "log")
    except OSError as error:
        raise EmbeddedServerError(
            f"The demo cannot write {error.filename or data} ({error.strerror}). Give yourself "
            "the right to write there, or run it from a checkout of your own."
        ) from error
    if taken:
        raise EmbeddedServerError(
            f"The demo is already running: {lock.holder()}. Use that one, or stop it first."
        )
    return lock


def keep_only_previous_logs(folder: Path) -> None:
    """Begin this run's logs; the last run's stay beside them."""
    for log in folder.glob("*.log"):
        log.replace(log.with_suffix(".previous"))


def require_free_port(port: int) -> None:
    """Raise EmbeddedServerError, with what to do, where the web server could not listen."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except OSError as error:
            reason = {
                errno.EADDRINUSE: f"Port {port} is in use by another program.",
                errno.EACCES: f"Only root may listen on port {port}.",
            }.get(error.errno or 0, f"Nobody can listen on port {port} ({error.strerror}).")
            raise EmbeddedServerError(
                f"{reason} Choose another: make demo PORT={port + 1 if port >= 1024 else 8000}"
            ) from error
