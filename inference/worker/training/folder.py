"""A run's folder on the training machine, and how long it stays there.

It holds pictures of patients: it is removed as soon as nothing can come of it any more.
"""

import shutil
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from inference.models import RunState

KEPT = {RunState.LOST, RunState.FAILED}


class RunFolder:
    """Where things lie. `out` is what `inference.training train --out` makes."""

    def __init__(self, key: UUID | str) -> None:
        self.path = Path(settings.TRAINING_FOLDER) / str(key)
        self.data = self.path / "data"
        self.images = self.data / "images"
        self.metadata = self.data / "metadata.csv"
        self.split = self.data / "split.json"
        self.out = self.path / "run"
        self.log = self.path / "log.txt"
        self.refusal = self.path / "refusal.txt"
        self.lineage = self.path / "lineage.json"
        self.package = self.path / "package.zip"

    def open(self) -> None:
        """Make it, for its owner's eyes only."""
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.images.mkdir(parents=True, exist_ok=True)

    def remove(self) -> None:
        """Nothing stays, and nothing is said where it is gone already."""
        shutil.rmtree(self.path, ignore_errors=True)


def tidy_folders(ended: Mapping[str, tuple[str, datetime]]) -> int:
    """Remove the folders of runs that need them no longer; returns how many.

    `ended` is key -> state and end of every run that has ended. What is not in it is left alone.
    """
    folder = Path(settings.TRAINING_FOLDER)
    if not folder.is_dir():
        return 0
    oldest = timezone.now() - timedelta(days=settings.TRAINING_KEPT_DAYS)
    removed = 0
    for path in folder.iterdir():
        state, at = ended.get(path.name, ("", timezone.now()))
        if state and (state not in KEPT or at < oldest):
            RunFolder(path.name).remove()
            removed += 1
    return removed
