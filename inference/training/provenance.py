"""Where a run came from: data, split, code, machine."""

import json
import os
import platform
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import torch

from inference.training.recipe import DataRecipe
from inference.training.training_data import TrainingData

RUN = "run.json"


def write_run(
    path: Path,
    recipe: DataRecipe,
    data: TrainingData,
    initial_weights: Path | None,
    *,
    processes: int = 1,
) -> None:
    """Write down what a package must say of its run."""
    label_of = {record.image_id: record.label for record in data.records}
    run: dict[str, Any] = {
        "recipe": recipe.as_dict(),
        "data_digest": data.digest,
        "split_digest": data.split.digest,
        "images": {name: len(ids) for name, ids in data.split.parts.items()},
        "images_by_class": {
            name: dict(sorted(Counter(label_of[image_id] for image_id in ids).items()))
            for name, ids in data.split.parts.items()
        },
        "labels_left_out": data.left_out,
        "repeated_left_out": data.repeated,
        "initial_weights": initial_weights.name if initial_weights else None,
        "git_revision": git_revision(),
        "uncommitted_changes": _uncommitted_changes(),
        "hardware": _hardware(),
        "processes": processes,
    }
    path.write_text(json.dumps(run, indent=1) + "\n", encoding="utf-8")


def git_revision() -> str:
    """The commit of the code that runs: the checkout's, or what CODE_REVISION says of an image."""
    return _git("rev-parse", "HEAD") or os.environ.get("CODE_REVISION") or "unknown"


def _uncommitted_changes() -> bool | None:
    """Whether the training code or the engine differs from that commit; None if unknown."""
    changed = _git("status", "--porcelain", "--", ".", "../engine")
    return None if changed is None else bool(changed)


def _git(*arguments: str) -> str | None:
    try:
        answer = subprocess.run(  # noqa: S603
            ["git", *arguments],  # noqa: S607
            capture_output=True,
            text=True,
            check=True,
            cwd=Path(__file__).parent,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return answer.stdout.strip()


def _hardware() -> str:
    if torch.cuda.is_available():
        return torch.cuda.get_device_name()
    models = [
        line.partition(":")[2].strip()
        for line in _lines(Path("/proc/cpuinfo"))
        if line.startswith("model name")
    ]
    name = models[0] if models else platform.processor() or platform.machine()
    threads = torch.get_num_threads()
    return f"{threads} CPU thread{'s' if threads > 1 else ''}, {name}"


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []
