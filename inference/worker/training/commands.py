"""The command lines of a run: what this machine starts, and the same for another one.

Everything is said by options of `python -m inference.training`, so a run can be repeated by hand or
on a cluster with `torchrun`.
"""

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from clinic.models import DatasetVersion
from inference.models import ModelVersion, TrainingRun
from inference.training.recipe import load_recipe
from inference.worker.training.folder import RunFolder

MODULE = "inference.training"
LINE = 72  # characters, after which a command is broken
INHERITED = " (inherited from the training images)"


class Places(NamedTuple):
    """Where a training finds its files and leaves its own."""

    images: str
    metadata: str
    split: str
    out: str
    start: str


def train_options(run: TrainingRun, places: Places) -> list[str]:
    """What decides a training, as it follows `python -m inference.training`."""
    options = [
        "train", run.recipe,
        "--data", places.images,
        "--metadata", places.metadata,
        "--split", places.split,
        "--leave-out-repeated",
        "--out", places.out,
        *(f"--set={setting}" for setting in (*run.settings, f"seed={run.seed}")),
    ]  # fmt: skip
    if places.start:
        options += ["--init-weights", places.start]
    return options


def starting_weights(run: TrainingRun) -> Path | None:
    """The machine's own file to begin a run with that names no model; None where it has none."""
    if run.start_from is not None or not settings.TRAINING_STARTING_WEIGHTS:
        return None
    architecture = getattr(load_recipe(run.recipe, run.settings), "architecture", "")
    path = settings.TRAINING_STARTING_WEIGHTS.get(architecture)
    return Path(path) if path else None


def parent_file(parent: ModelVersion) -> str:
    """What a run calls the package that it starts from: the card repeats the name."""
    return f"{parent.name}-{parent.version}.zip"


def options_here(run: TrainingRun, folder: RunFolder) -> list[str]:
    """The same with this machine's files and processors."""
    start = folder.path / parent_file(run.start_from) if run.start_from else starting_weights(run)
    files = (folder.images, folder.metadata, folder.split, folder.out, start or "")
    places = Places(*map(str, files))
    options = [*train_options(run, places), "--device", settings.TRAINING_DEVICE]
    if settings.TRAINING_THREADS:
        options += ["--threads", str(settings.TRAINING_THREADS)]
    return options


def started_with(options: Sequence[str]) -> list[str]:
    """The options as this machine runs them: one process, or several with torchrun."""
    processes = settings.TRAINING_PROCESSES
    if processes > 1:
        launcher = ["torch.distributed.run", "--standalone", "--nproc-per-node", str(processes)]
        return [sys.executable, "-m", *launcher, "-m", MODULE, *options]
    return alone(options)


def alone(options: Sequence[str]) -> list[str]:
    """The options as one process."""
    return [sys.executable, "-m", MODULE, *options]


def by_hand(run: TrainingRun, launcher: Sequence[str] = ("python",)) -> str:
    """The command as a person types it in the unpacked ISIC export of the version.

    Nothing of any machine is in it. `launcher` may be torchrun with its options.
    """
    own = starting_weights(run)
    start = parent_file(run.start_from) if run.start_from else own.name if own else ""
    places = Places("images", "HAM10000_metadata.csv", "split.json", "run", start)
    return _in_lines([*launcher, "-m", MODULE, *train_options(run, places)])


def _in_lines(words: Sequence[str]) -> str:
    """As a shell takes it, broken between options and never within one."""
    lines = [""]
    for word in map(shlex.quote, words):
        if lines[-1] and len(lines[-1]) + len(word) > LINE and word.startswith("-"):
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return " \\\n    ".join(lines)


def package_options(
    run: TrainingRun, folder: RunFolder, *, version: str, imported: int
) -> list[str]:
    """Make the package of the finished run."""
    sources = [_source(run.dataset_version, imported)]
    if run.start_from is not None:
        sources.append(_parent_source(run.start_from))
    return [
        "package", str(folder.out / "checkpoint.pt"),
        "--out", str(folder.package),
        "--version", version,
        "--lineage", str(folder.lineage),
        *(f"--trained-on={source}" for source in sources),
    ]  # fmt: skip


def _source(version: DatasetVersion, imported: int) -> str:
    """NAME=LICENCE. The record does not know a published collection's licence: it says so."""
    name = f"{version} ({version.image_count} images, digest {version.digest[:12]})"
    licence = "patients' consent to train this clinic's models"
    if imported:
        licence += f"; {imported} imported images keep their collection's licence"
    return f"{name.replace('=', ' ')}={licence}"


def _parent_source(parent: ModelVersion) -> str:
    licence = parent.licence.removesuffix(INHERITED) or "licence not stated"
    return f"weights of {parent}={licence}"
