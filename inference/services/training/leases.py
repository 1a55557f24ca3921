"""A machine takes a run, shows that it lives, and loses the run when it no longer does."""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from inference.models import RunState, TrainingRun

MACHINE_DIED = (
    "The machine that trained it has not been heard from for {minutes} min: it was switched off or "
    "ran out of memory. Try again; the same machine goes on after the last whole epoch."
)


class Standing(Enum):
    """What a machine learns when it shows that it lives."""

    GO_ON = "go on"
    CANCELLED = "cancelled"
    TAKEN_AWAY = "taken away"


@dataclass(frozen=True)
class ClaimedRun:
    """A run that belongs to one machine as long as its lease is renewed."""

    run: TrainingRun
    token: str


@transaction.atomic
def claim_training(*, machine: str, run: UUID | None = None) -> ClaimedRun | None:
    """Take the run that waits longest (or this one), or None where nothing waits.

    Any number of machines: `FOR UPDATE SKIP LOCKED` gives a run to one of them.
    """
    waiting = TrainingRun.objects.filter(state=RunState.QUEUED).order_by("created_at", "id")
    if run is not None:
        waiting = waiting.filter(pk=run)
    row = waiting.select_for_update(skip_locked=True).first()
    if row is None:
        return None
    now = timezone.now()
    row.state, row.stage = RunState.RUNNING, "Starting"
    row.claimed_by = f"{machine[:100]}:{uuid.uuid4().hex[:12]}"
    row.started_at = row.started_at or now
    row.lease_expires_at = now + lease()
    row.save(update_fields=["state", "stage", "claimed_by", "started_at", "lease_expires_at"])
    return ClaimedRun(row, row.claimed_by)


def report_training(*, claimed: ClaimedRun, **news: Any) -> Standing:
    """Renew the lease and write down what is new: stage, done, total, epochs, log, command."""
    held = held_training(claimed)
    if not held.update(lease_expires_at=timezone.now() + lease(), **news):
        return Standing.TAKEN_AWAY
    asked = held.filter(cancel_requested_at__isnull=False).exists()
    return Standing.CANCELLED if asked else Standing.GO_ON


def held_training(claimed: ClaimedRun) -> QuerySet[TrainingRun]:
    """The run while it is this machine's own; no row once it was taken away."""
    return TrainingRun.objects.filter(
        pk=claimed.run.pk, state=RunState.RUNNING, claimed_by=claimed.token
    )


@transaction.atomic
def take_back_lost_trainings() -> int:
    """End the runs of machines that died; returns how many. One to be cancelled is cancelled."""
    now = timezone.now()
    expired = TrainingRun.objects.filter(state=RunState.RUNNING, lease_expires_at__lt=now)
    keys = list(expired.select_for_update(skip_locked=True).values_list("pk", flat=True))
    rows = TrainingRun.objects.filter(pk__in=keys)
    ended: dict[str, Any] = {
        "finished_at": now, "lease_expires_at": None, "claimed_by": "", "stage": "",
    }  # fmt: skip
    rows.filter(cancel_requested_at__isnull=False).update(state=RunState.CANCELLED, **ended)
    minutes = max(1, round(settings.TRAINING_LEASE_SECONDS / 60))
    rows.filter(state=RunState.RUNNING).update(
        state=RunState.LOST, reason=MACHINE_DIED.format(minutes=minutes), **ended
    )
    return len(keys)


def training_waits() -> bool:
    """Whether a run waits for a machine."""
    return TrainingRun.objects.filter(state=RunState.QUEUED).exists()


def lease() -> timedelta:
    """How long a machine may be silent."""
    return timedelta(seconds=settings.TRAINING_LEASE_SECONDS)
