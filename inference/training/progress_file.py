"""How far a run is, for whoever watches it from outside: ``progress.json`` in the run's folder."""

import json
import math
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

PROGRESS = "progress.json"
SECONDS_BETWEEN = 1.0  # two writes within an epoch


class ProgressFile:
    """Written whole after each epoch, and about once a second within one.

    ``epochs`` is how many there will be at most (an early stop ends sooner); ``history`` has one
    mapping an epoch, with null for what is no number; ``step`` of ``steps`` is the batch of the
    epoch under way. For trees a round is what an epoch is for a network.
    """

    def __init__(self, path: Path, *, epochs: int) -> None:
        self._path, self._epochs = path, epochs
        self._history: list[dict[str, float | None]] = []
        self._next_write = 0.0

    def epochs_are(self, history: Sequence[Mapping[str, float]]) -> None:
        """Write what all epochs so far have shown."""
        self._history = [
            {key: float(value) if math.isfinite(value) else None for key, value in row.items()}
            for row in history
        ]
        self._write(step=0, steps=0)

    def step(self, step: int, steps: int) -> None:
        """Write down a step of the epoch under way, unless something was written just now."""
        if time.monotonic() >= self._next_write:
            self._write(step=step, steps=steps)

    def _write(self, *, step: int, steps: int) -> None:
        document: dict[str, Any] = {
            "epochs": self._epochs,
            "history": self._history,
            "step": step,
            "steps": steps,
        }
        partial = self._path.with_suffix(".partial.json")
        partial.write_text(json.dumps(document) + "\n", encoding="utf-8")
        partial.replace(self._path)
        self._next_write = time.monotonic() + SECONDS_BETWEEN
