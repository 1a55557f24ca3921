"""One training at a time in a run's folder: two would write each other's checkpoints over."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from inference.training.records import DataError

LOCK = "run.lock"


@contextmanager
def only_run_in(folder: Path) -> Iterator[None]:
    """Hold the folder; the kernel lets go of it when the process ends, however it ends.

    Raises DataError while another process holds it.
    """
    with (folder / LOCK).open("w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise DataError(
                f"Another process trains in {folder.name}: wait until it ends, or choose another "
                "--out."
            ) from error
        yield
