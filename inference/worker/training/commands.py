"""The command lines of a run: what this machine starts, and the same for another one.

Everything is said by options of `python -m inference.training`, so a run can be repeated by hand or
on a cluster with `torchrun`.
"""

import shlex
import sys
from collections.abc import Sequence

from django.conf import settings

from clinic.models import DatasetVersion
from inference.models import ModelVersion, TrainingRun
from inference.worker.training.folder import RunFolder

MODULE = "inference.training"
INHERITED = " (inherited from the training images)"


def train_options(run: TrainingRun, folder: RunFolder) -> list[str]:
    """What follows `python -m inference.training`."""
    changes = [f"--set={setting}" for setting in (*run.settings, f"seed={run.seed}")]
    options = [
        "train", run.recipe,
        "--data", str(folder.images),
        "--metadata", str(folder.metadata),
        "--split", str(folder.split),
        "--leave-out-repeated",
        "--out", str(folder.out),
        "--device", settings.TRAINING_DEVICE,
        *changes,
    ]  # fmt: skip
    if settings.TRAINING_THREADS:
        options += ["--threads", str(settings.TRAINING_THREADS)]
    if run.start_from is not None:
        options += ["--init-weights", str(folder.parent)]
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


def written_out(options: Sequence[str]) -> str:
    """The command as a person types it."""
    return shlex.join(["python", "-m", MODULE, *options])


def by_hand(run: TrainingRun, folder: RunFolder) -> str:
    """The command with paths relative to the run's folder: nothing of this machine is in it."""
    place = f"{folder.path}/"
    return written_out([option.removeprefix(place) for option in train_options(run, folder)])


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
