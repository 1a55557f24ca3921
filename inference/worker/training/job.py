"""One training from its claim to its end, whatever the end is."""

import json
import logging
import shutil
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings

from accounts.errors import DomainError
from clinic.selectors.datasets import open_rows
from inference.models import TrainingRun
from inference.services.training.endings import (
    RunTakenAway,
    VersionTaken,
    fail_training,
    finish_training,
    next_version,
    put_back_training,
    record_cancelled_training,
)
from inference.services.training.leases import ClaimedRun, claim_training
from inference.worker.lifecycle import stop_is_asked_for
from inference.worker.training import commands, reports
from inference.worker.training.folder import RunFolder
from inference.worker.training.lineage import lineage_of
from inference.worker.training.materials import CannotTrain, lay_out, refuse_withdrawn
from inference.worker.training.process import run_command
from inference.worker.training.pulse import Cancelled, MachineStops, Pulse, TakenAway

logger = logging.getLogger(__name__)

PACKAGING_TRIES = 3  # another machine may take the version number meanwhile


def train_next(
    *, run: UUID | None = None, must_stop: Callable[[], bool] = stop_is_asked_for
) -> TrainingRun | None:
    """Carry out the run whose turn it is (or this one); None where none waits."""
    claimed = claim_training(machine=socket.gethostname(), run=run)
    if claimed is None:
        return None
    carry_out(claimed, must_stop=must_stop)
    return TrainingRun.objects.get(pk=claimed.run.pk)


def carry_out(claimed: ClaimedRun, *, must_stop: Callable[[], bool] = stop_is_asked_for) -> None:
    """Train and write down how it ended. Raises nothing but an interruption."""
    folder = RunFolder(claimed.run.pk)
    try:
        _Job(claimed, folder, must_stop).do()
    except Cancelled:
        folder.remove()
        record_cancelled_training(claimed=claimed)
    except (TakenAway, RunTakenAway):
        logger.warning("Training %s was given to somebody else", claimed.run.pk)
    except MachineStops:
        put_back_training(claimed=claimed)
    except KeyboardInterrupt:
        folder.remove()
        record_cancelled_training(claimed=claimed)
        raise
    except SoftTimeLimitExceeded:
        hours = settings.TRAINING_HOURS
        fail_training(claimed=claimed, reason=f"It took longer than {hours} h, the longest here.")
    except (CannotTrain, DomainError) as refusal:
        fail_training(claimed=claimed, reason=str(refusal))
    except Exception as error:
        logger.exception("Training %s", claimed.run.pk)
        fail_training(
            claimed=claimed, reason=f"The training machine failed: {type(error).__name__}: {error}"
        )
    else:
        folder.remove()


class _Job:
    def __init__(
        self, claimed: ClaimedRun, folder: RunFolder, must_stop: Callable[[], bool]
    ) -> None:
        self.claimed, self.run, self.folder = claimed, claimed.run, folder
        self.pulse = Pulse(claimed, must_stop=must_stop)
        self.reporter = reports.Reporter(folder)

    def do(self) -> None:
        version = self.run.dataset_version
        self.pulse.beat(now=True, stage="Fetching the images")
        lay_out(version, self.folder, tell=self._fetched)
        self._fetch_parent()
        self._train()
        refuse_withdrawn(version, self.folder)
        self._package()

    def _fetched(self, done: int, total: int) -> None:
        self.pulse.beat(done=done, total=total)

    def _fetch_parent(self) -> None:
        parent = self.run.start_from
        if parent is None:
            return
        target = self.folder.path / commands.parent_file(parent)
        with parent.package.open("rb") as stored, target.open("wb") as copy:
            shutil.copyfileobj(stored, copy)

    def _train(self) -> None:
        options = commands.options_here(self.run, self.folder)
        command = commands.by_hand(self.run)
        self.pulse.beat(now=True, stage="Decoding the images", done=0, total=0, command=command)
        self._run(options)
        self.run.code_revision = reports.code_revision(self.folder)
        self.pulse.beat(now=True, code_revision=self.run.code_revision)

    def _package(self) -> None:
        self.pulse.beat(now=True, stage="Calibrating and packaging", done=0, total=0)
        lineage = lineage_of(self.run)
        self.folder.lineage.write_text(json.dumps(lineage), encoding="utf-8")
        imported = open_rows(self.run.dataset_version).exclude(source__source_reference="").count()
        for _ in range(PACKAGING_TRIES):
            version = next_version(name=self.run.recipe)
            self.folder.package.unlink(missing_ok=True)
            self._run(
                commands.package_options(self.run, self.folder, version=version, imported=imported)
            )
            # Calibrating takes minutes, in which a patient may have withdrawn too.
            refuse_withdrawn(self.run.dataset_version, self.folder)
            self.pulse.beat(now=True, stage="Installing the candidate")
            with suppress(VersionTaken):
                finish_training(claimed=self.claimed, package=Path(self.folder.package))
                return
        raise CannotTrain("Others kept taking the model's version number. Try again.")

    def _run(self, options: list[str]) -> None:
        """One command of the training tools. Raises CannotTrain with its own last sentence."""
        is_training = options[0] == "train"
        command = commands.started_with(options) if is_training else commands.alone(options)
        self.folder.refusal.unlink(missing_ok=True)
        status = run_command(
            command,
            log=self.folder.log,
            surroundings={"REFUSAL_FILE": str(self.folder.refusal)},
            meanwhile=lambda: self.pulse.beat(**self._news(is_training=is_training)),
        )
        self.pulse.beat(now=True, **self._news(is_training=is_training))
        if status:
            raise CannotTrain(why_it_ended(status, reports.last_words(self.folder)))

    def _news(self, *, is_training: bool) -> dict[str, Any]:
        news = self.reporter.news()
        return news if is_training else {"log": news["log"]} if "log" in news else {}


def why_it_ended(status: int, last_words: str) -> str:
    """A refusal of the command is a sentence already (status 1); the rest is explained."""
    if status in {137, -9}:
        return (
            "The operating system ended the training, most likely because memory ran out: set a "
            "smaller batch_size, or use a machine with more memory."
        )
    if "OutOfMemoryError" in last_words or "out of memory" in last_words:
        return f"The GPU's memory ran out: set a smaller batch_size. ({last_words})"
    return last_words or f"The training command ended with status {status}."
