"""manage.py retrain --dataset VERSION --recipe NAME: a frozen version to a candidate model."""

import sys
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from accounts.errors import DomainError
from clinic.models import DatasetVersion, VersionKind
from inference.models import ModelVersion, RunState, TrainingRun
from inference.selectors.training import known_recipes
from inference.services.training import cancel_training, request_training
from inference.services.training.leases import ClaimedRun, claim_training

LOOKS_EVERY = 1.0  # seconds
SHORTEST_DIGEST = 6  # characters


class Command(BaseCommand):
    """Queues the run; with --wait says how it goes; with --here trains in this process."""

    help = (
        "Train a recipe on a frozen data set version and keep what comes out as a candidate model. "
        "A worker of the queue “training” does it, unless --here is given."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """What to train, on what, from what."""
        recipes = ", ".join(recipe.name for recipe in known_recipes())
        parser.add_argument(
            "--dataset", required=True, metavar="VERSION",
            help="the version's key, or the beginning of its digest",
        )  # fmt: skip
        parser.add_argument("--recipe", required=True, metavar="NAME", help=recipes)
        parser.add_argument(
            "--start-from", metavar="MODEL", help="name and version, such as resnet18-2.0.0"
        )
        parser.add_argument(
            "--set", action="append", default=[], dest="changes", metavar="KEY=VALUE",
            help="change the recipe, such as stages=2@96,1@128; repeat it",
        )  # fmt: skip
        parser.add_argument("--seed", type=int, default=1, help="of the training (%(default)s)")
        how = parser.add_mutually_exclusive_group()
        how.add_argument(
            "--wait", action="store_true",
            help="stay, and print each epoch; Ctrl-C cancels the run",
        )  # fmt: skip
        how.add_argument(
            "--here", action="store_true",
            help="train in this process, without a broker; Ctrl-C cancels the run",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask, and then wait, train or leave."""
        asked = {
            "version": _version(options["dataset"]),
            "recipe": options["recipe"],
            "start_from": _model(options["start_from"]) if options["start_from"] else None,
            "settings": options["changes"],
            "seed": options["seed"],
            "actor": None,
        }
        try:
            if options["here"]:
                run = self._train_here(asked)
            else:
                run = request_training(**asked)
                self.stdout.write(f"Run {run.pk} waits for a training machine.")
                if not options["wait"]:
                    return
                run = self._wait(run)
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal
        self._say_end(run)

    def _train_here(self, asked: dict[str, Any]) -> TrainingRun:
        from inference.worker.training.job import carry_out

        # In one transaction: no worker can take the run before this process has.
        with transaction.atomic():
            run = request_training(**asked)
            claimed = claim_training(machine="here", run=run.pk)
        assert isinstance(claimed, ClaimedRun)  # noqa: S101  # nobody else has seen the run
        self.stdout.write(f"Run {run.pk} is trained here.")
        teller = _Teller(run, self.stdout.write)

        def go_on() -> bool:
            teller.tell()
            return False

        try:
            carry_out(claimed, must_stop=go_on)
        except KeyboardInterrupt:
            self.stderr.write("Cancelled; nothing of it is left running.")
            sys.exit(130)
        teller.tell(now=True)
        return run

    def _wait(self, run: TrainingRun) -> TrainingRun:
        teller = _Teller(run, self.stdout.write)
        try:
            while not run.is_finished:
                time.sleep(LOOKS_EVERY)
                teller.tell(now=True)
        except KeyboardInterrupt:
            cancel_training(run=run, actor=None)
            self.stderr.write("Cancelled. The training machine stops within seconds.")
            sys.exit(130)
        return run

    def _say_end(self, run: TrainingRun) -> None:
        if run.state == RunState.SUCCEEDED and run.candidate is not None:
            self.stdout.write(f"{run.candidate} is a candidate ({run.candidate.digest}).")
            return
        reason = run.reason or f"{run.get_state_display()}."
        raise CommandError(reason)


class _Teller:
    """Prints each stage and each epoch of a run once."""

    def __init__(self, run: TrainingRun, write: Callable[[str], object]) -> None:
        self._run, self._write = run, write
        self._printed, self._stage, self._looked = 0, "", time.monotonic()

    def tell(self, *, now: bool = False) -> None:
        """Look at the row, about once a second unless `now`, and print what is new."""
        if not now and time.monotonic() - self._looked < LOOKS_EVERY:
            return
        self._looked = time.monotonic()
        run = self._run
        run.refresh_from_db()
        for row in run.epochs[self._printed :]:
            self._write(f"Epoch {row['epoch']:.0f}: {_figures(row)}")
        self._printed = len(run.epochs)
        if run.stage and run.stage != self._stage and not run.stage.startswith("Epoch"):
            self._stage = run.stage
            self._write(f"{run.stage} …")


def _figures(row: dict[str, Any]) -> str:
    return ", ".join(
        f"{name.replace('_', ' ')} {value:.4g}"
        for name, value in row.items()
        if name not in {"epoch", "rate", "seconds"} and value is not None
    )


def _version(text: str) -> DatasetVersion:
    """By key or by the beginning of a digest that only one version has."""
    versions = DatasetVersion.objects.filter(kind=VersionKind.TRAINING)
    try:
        found = list(versions.filter(pk=UUID(text)))
    except ValueError:
        if len(text) < SHORTEST_DIGEST:
            msg = f"Give at least {SHORTEST_DIGEST} characters of the digest."
            raise CommandError(msg) from None
        found = list(versions.filter(digest__startswith=text.lower())[:2])
    if not found:
        raise CommandError(f"There is no frozen version {text}.")
    if len(found) > 1:
        raise CommandError(f"Several versions begin with {text}: give more of the digest.")
    return found[0]


def _model(text: str) -> ModelVersion:
    name, _, version = text.rpartition("-")
    found = ModelVersion.objects.filter(name=name, version=version).first()
    if found is None:
        raise CommandError(f"There is no model {text}: write name and version, as resnet18-2.0.0.")
    return found
