"""Where a run came from: data, split, code, machine."""

import json
import platform
import subprocess
from pathlib import Path
from typing import Any

import torch

from inference.training.recipe import DataRecipe
from inference.training.training_data import TrainingData

RUN = "run.json"


def write_run(
    path: Path, recipe: DataRecipe, data: TrainingData, initial_weights: Path | None
) -> None:
    """Write down what a package must say of its run."""
    run: dict[str, Any] = {
        "recipe": recipe.as_dict(),
        "data_digest": data.digest,
        "split_digest": data.split.digest,
        "images": {name: len(ids) for name, ids in data.split.parts.items()},
        "initial_weights": initial_weights.name if initial_weights else None,
        "git_revision": _git_revision(),
        "hardware": _hardware(),
    }
    path.write_text(json.dumps(run, indent=1) + "\n", encoding="utf-8")


def _git_revision() -> str:
    try:
        answer = subprocess.run(
            ["git", "rev-parse", "HEAD"],  # noqa: S607
            capture_output=True,
            text=True,
            check=True,
            cwd=Path(__file__).parent,
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
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
