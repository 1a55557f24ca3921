"""A training run as its page says it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

from inference.models import RunState, TrainingRun
from inference.selectors.training import known_recipes
from inference.worker.training.commands import by_hand

KINDS = {
    RunState.QUEUED: "waiting",
    RunState.RUNNING: "working",
    RunState.SUCCEEDED: "done",
    RunState.FAILED: "failed",
    RunState.CANCELLED: "draft",
    RunState.LOST: "attention",
}
TORCHRUN = ("torchrun", "--nproc-per-node", "4")
LONG_WAIT = timedelta(minutes=2)
NOBODY_TAKES_IT = (
    "No training machine has taken it yet. Start a worker of the queue “training”, or wait until "
    "the one there is has finished its run."
)
# What an epoch says, as people read it; the plot takes those with a series.
COLUMNS = (
    ("loss", "Training loss", "loss"),
    ("validation_loss", "Validation loss", "loss"),
    ("balanced_accuracy", "Balanced accuracy", "share"),
    ("macro_auc", "Macro AUC", "share"),
)

# Trees say their loss on the validation part alone.
COLUMNS_OF_TREES = (("loss", "Validation loss", "loss"), *COLUMNS[2:])


@dataclass(frozen=True)
class Figure:
    """A cell of the table of epochs; None was not measured in this epoch."""

    value: float | None

    @property
    def written(self) -> str:
        """Three decimals are more than the figures can bear."""
        return "–" if self.value is None else f"{self.value:.3f}"


@dataclass(frozen=True)
class Epoch:
    """A row of the table."""

    number: int
    figures: list[Figure]


@dataclass(frozen=True)
class ShownRun:
    """A run, its state in words, its curve as a table, and the commands that repeat it."""

    run: TrainingRun
    kind: str
    sentence: str
    columns: list[tuple[str, str, str]]
    epochs: list[Epoch]
    is_cancelling: bool

    @property
    def step(self) -> str:
        """How far the stage is."""
        run = self.run
        return f"{min(run.done, run.total)} of {run.total}" if run.total else ""

    @property
    def may_be_tried_again(self) -> bool:
        """Whether the machine may go on where it was."""
        return self.run.state in {RunState.LOST, RunState.FAILED}

    @property
    def command(self) -> str:
        """One process, in the unpacked ISIC export."""
        return by_hand(self.run)

    @property
    def torchrun(self) -> str:
        """The same on four GPUs. Trees grow in one process."""
        return "" if grows_trees(self.run) else by_hand(self.run, TORCHRUN)


def shown_run(run: TrainingRun) -> ShownRun:
    """Everything that its page says."""
    columns = [
        column
        for column in (COLUMNS_OF_TREES if grows_trees(run) else COLUMNS)
        if any(row.get(column[0]) is not None for row in run.epochs)
    ]
    return ShownRun(
        run=run,
        kind=KINDS[RunState(run.state)],
        sentence=_sentence(run),
        columns=columns,
        epochs=[_epoch(row, columns) for row in run.epochs],
        is_cancelling=run.state == RunState.RUNNING and run.cancel_requested_at is not None,
    )


def grows_trees(run: TrainingRun) -> bool:
    """Whether the recipe has no network."""
    return any(each.name == run.recipe and not each.architecture for each in known_recipes())


def _epoch(row: dict[str, Any], columns: list[tuple[str, str, str]]) -> Epoch:
    return Epoch(int(row["epoch"]), [Figure(row.get(name)) for name, _, _ in columns])


def _sentence(run: TrainingRun) -> str:
    if run.state == RunState.QUEUED and run.created_at < timezone.now() - LONG_WAIT:
        return NOBODY_TAKES_IT
    if run.state == RunState.RUNNING and run.cancel_requested_at is not None:
        return "It is being cancelled: the training machine stops within seconds."
    return run.reason
