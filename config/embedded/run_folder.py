"""A folder that lives as long as one test run, and goes even where the run was killed."""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from config.embedded.lock import FolderLock

PREFIX = "run-"


@contextlib.contextmanager
def run_folder(parent: Path) -> Iterator[Path]:
    """Make `parent`/run-…, hold its lock, and remove it at the end (and the ones left behind)."""
    parent.mkdir(parents=True, exist_ok=True)
    with FolderLock(parent / "lock") as gate:  # a folder not yet locked looks abandoned
        gate.acquire(wait=True)
        remove_abandoned(parent)
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
        lock = FolderLock(folder.with_suffix(".lock"))
        lock.acquire()
    with lock:
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            lock.path.unlink(missing_ok=True)


def remove_abandoned(parent: Path) -> None:
    """Remove the folders whose run has ended without doing so: their locks are free."""
    for path in parent.glob(f"{PREFIX}*.lock"):
        with FolderLock(path) as lock:
            if lock.acquire():
                shutil.rmtree(path.with_suffix(""), ignore_errors=True)
                path.unlink(missing_ok=True)
