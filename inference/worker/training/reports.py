"""What the training command leaves on disk, as the run's row shows it."""

import json
import os
from pathlib import Path
from typing import Any

from inference.worker.training.folder import RunFolder

LOG_BYTES = 24_000  # of the log's end, on the row
PROGRESS = "progress.json"  # inference.training.progress_file
RUN = "run.json"  # inference.training.provenance


class Reporter:
    """Reads what is new since it was last asked."""

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder
        self._seen: dict[Path, tuple[int, int]] = {}

    def news(self) -> dict[str, Any]:
        """Stage, steps, epochs and the log's end, where they have changed."""
        found: dict[str, Any] = {}
        if self._has_changed(self._folder.out / PROGRESS):
            found |= progress(self._folder.out / PROGRESS)
        if self._has_changed(self._folder.log):
            found["log"] = log_end(self._folder.log)
        return found

    def _has_changed(self, path: Path) -> bool:
        try:
            status = path.stat()
        except FileNotFoundError:
            return False
        now = (status.st_mtime_ns, status.st_size)
        changed = self._seen.get(path) != now
        self._seen[path] = now
        return changed


def progress(path: Path) -> dict[str, Any]:
    """The row's fields from `progress.json`; empty where it cannot be read just now."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        history, epochs = document["history"], document["epochs"]
        # Trees report every few rounds: the number of the last one counts, not how many there are.
        ended = int(history[-1]["epoch"]) if history else 0
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    if ended >= epochs:
        stage = "Answering the images kept apart"
    else:
        stage = f"Epoch {ended + 1} of {epochs}"
    return {
        "epochs": history, "stage": stage, "done": document["step"], "total": document["steps"],
    }  # fmt: skip


def log_end(path: Path) -> str:
    """The last lines; what a terminal would have overwritten is left out."""
    try:
        with path.open("rb") as stream:
            size = stream.seek(0, os.SEEK_END)
            stream.seek(max(0, size - LOG_BYTES))
            text = stream.read().decode(errors="replace")
    except OSError:
        return ""
    lines = [line.rpartition("\r")[2] for line in text.replace("\x00", "").split("\n")]
    if size > LOG_BYTES:
        lines = lines[1:]
    return "\n".join(lines).strip("\n")


def last_words(folder: RunFolder) -> str:
    """Why the command ended: its refusal, else the last line that it wrote."""
    if folder.refusal.exists():
        return folder.refusal.read_text(encoding="utf-8").strip()
    lines = [line.strip() for line in log_end(folder.log).splitlines() if line.strip()]
    return lines[-1] if lines else ""


def code_revision(folder: RunFolder) -> str:
    """Which code trained, as the command wrote it down."""
    try:
        revision = json.loads((folder.out / RUN).read_text(encoding="utf-8"))["git_revision"]
    except (OSError, ValueError, KeyError):
        return "unknown"
    return str(revision)[:64]
