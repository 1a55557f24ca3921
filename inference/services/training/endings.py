"""How a run ends, as its machine writes it down: only while the run is still its own."""

from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.errors import InvalidInput
from inference.models import ModelVersion, RunState, TrainingRun
from inference.services.installation import install_package
from inference.services.operators import is_operator
from inference.services.training.leases import ClaimedRun, held_training

REASON_LENGTH = 500


class RunTakenAway(Exception):
    """The run is no longer this machine's: it was given up for lost."""


class VersionTaken(Exception):
    """Another package has got the version number meanwhile."""


def finish_training(*, claimed: ClaimedRun, package: Path) -> ModelVersion:
    """Install the package as a candidate and end the run, both or neither.

    Raises RunTakenAway, VersionTaken, or what `install_package` raises for a package that is
    refused.
    """
    asker = claimed.run.requested_by
    try:
        with transaction.atomic():
            if held_training(claimed).select_for_update().first() is None:
                raise RunTakenAway
            # Who asked may have left the operators since; the run was allowed when it was asked.
            actor = asker if asker is not None and is_operator(asker) else None
            candidate = install_package(file=package, actor=actor)
            _end(claimed, RunState.SUCCEEDED, candidate=candidate)
    except InvalidInput as refusal:
        if refusal.code == "version_taken":
            raise VersionTaken from refusal
        raise
    return candidate


def fail_training(*, claimed: ClaimedRun, reason: str) -> None:
    """End it with a sentence that says why."""
    _end(claimed, RunState.FAILED, reason=reason.strip()[:REASON_LENGTH] or "It failed.")


def record_cancelled_training(*, claimed: ClaimedRun) -> None:
    """The machine has stopped what was cancelled."""
    _end(claimed, RunState.CANCELLED)


def put_back_training(*, claimed: ClaimedRun) -> None:
    """Back into the queue, because the machine stops in order; nothing of it counts as failed."""
    held_training(claimed).update(
        state=RunState.QUEUED, lease_expires_at=None, claimed_by="", stage=""
    )


def _end(claimed: ClaimedRun, state: RunState, **values: Any) -> None:
    held_training(claimed).update(
        state=state,
        finished_at=timezone.now(),
        lease_expires_at=None,
        claimed_by="",
        stage="",
        **values,
    )


def next_version(*, name: str) -> str:
    """The version number of the next package of this name: the minor number counts up."""
    taken = [
        tuple(int(part) for part in version.split("."))
        for version in ModelVersion.objects.filter(name=name).values_list("version", flat=True)
        if version.replace(".", "").isdecimal() and version.count(".") == 2
    ]
    if not taken:
        return "1.0.0"
    major, minor, _ = max(taken)
    return f"{major}.{minor + 1}.0"


def finished_runs() -> dict[str, tuple[str, Any]]:
    """Key -> state and end of every run that has ended, for tidying its folder."""
    rows = TrainingRun.objects.filter(finished_at__isnull=False)
    return {
        str(key): (state, at) for key, state, at in rows.values_list("pk", "state", "finished_at")
    }
