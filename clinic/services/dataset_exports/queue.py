"""The queue of exports: claims that expire, tries that are counted, a doorbell.

Any number of workers may take jobs (`FOR UPDATE SKIP LOCKED`); what a killed worker leaves behind
is taken over when its lease has run out.
"""

import logging
import secrets
import time
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from accounts.doorbell import BELL_LIVES_SECONDS, send_task
from clinic.models import DatasetExport, ExportState
from clinic.models.dataset_export import MAX_ATTEMPTS
from clinic.selectors.dataset_exports import exports_due

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)
"""Longer than the slowest answer of a storage that is still waited for."""
BEAT_SECONDS = 0.3
"""Between two words about the progress, at least."""
NEXT_TRY = timedelta(seconds=30)
WORKER_DIED = (
    f"The worker stopped {MAX_ATTEMPTS} times while it wrote this export. "
    "Ask whoever runs the workers, then try again."
)


class ClaimLost(Exception):  # nothing went wrong: somebody else decided
    """The export was cancelled, taken over or begun anew meanwhile."""


class Claim:
    """An export that belongs to one worker for as long as it is heard of."""

    def __init__(self, export: DatasetExport) -> None:
        self.export = export
        self.done = export.done
        self._said_at = time.monotonic()

    def mine(self) -> QuerySet[DatasetExport]:
        """The row, while it belongs to this worker."""
        return DatasetExport.objects.filter(
            pk=self.export.pk, claimed_by=self.export.claimed_by, state=ExportState.RUNNING
        )

    def beat(self) -> None:
        """Say that the worker lives and how far it is, not oftener than need be.

        Raises ClaimLost.
        """
        if time.monotonic() - self._said_at >= BEAT_SECONDS:
            self.say(done=self.done)

    def say(self, **values: object) -> None:
        """Write to the row and renew the lease. Raises ClaimLost."""
        self._said_at = time.monotonic()
        if not self.mine().update(lease_expires_at=timezone.now() + LEASE, **values):
            raise ClaimLost

    def finish(self, *, size: int) -> None:
        """It is ready. Raises ClaimLost."""
        now = timezone.now()
        ended = self.mine().update(
            state=ExportState.SUCCEEDED, done=F("total"), size_bytes=size, finished_at=now,
            expires_at=now + settings.EXPORT_KEPT, lease_expires_at=None, claimed_by="",
        )  # fmt: skip
        if not ended:
            raise ClaimLost

    def give_back(self) -> None:
        """Others get their turn; the next one goes on from here, with all its tries."""
        self.mine().update(
            state=ExportState.QUEUED, attempts=0, done=self.done, lease_expires_at=None,
            claimed_by="",
        )  # fmt: skip

    def give_up(self, reason: str) -> None:
        """Another try would end the same way. What was written is kept for a retry by hand."""
        logger.error("Export %s failed: %s", self.export.pk, reason)
        now = timezone.now()
        self.mine().update(
            state=ExportState.FAILED, reason=reason[:300], finished_at=now,
            expires_at=now + settings.EXPORT_KEPT, lease_expires_at=None, claimed_by="",
        )  # fmt: skip

    def try_again_later(self, error: Exception) -> None:
        """Storage that cannot be reached, memory that is not there: five tries in all."""
        if self.export.attempts >= MAX_ATTEMPTS:
            self.give_up(f"Tried {MAX_ATTEMPTS} times. {type(error).__name__}: {error}")
            return
        later = timezone.now() + NEXT_TRY * self.export.attempts
        self.mine().update(state=ExportState.QUEUED, lease_expires_at=later, claimed_by="")


@transaction.atomic
def claim_export() -> Claim | None:
    """Take the export whose turn it is, or None where nothing is due."""
    due = exports_due().filter(attempts__lt=MAX_ATTEMPTS)
    export = due.select_for_update(skip_locked=True).first()
    if export is None:
        return None
    now = timezone.now()
    export.state = ExportState.RUNNING
    export.attempts += 1
    export.claimed_by = secrets.token_hex(16)
    export.lease_expires_at = now + LEASE
    export.started_at = export.started_at or now
    # What an address in storage says must not help to guess another.
    export.prefix = export.prefix or f"exports/{secrets.token_hex(20)}"
    export.save(
        update_fields=[
            "state", "attempts", "claimed_by", "lease_expires_at", "started_at", "prefix",
        ]
    )  # fmt: skip
    return Claim(export)


def give_up_what_kills_export_workers() -> int:
    """Fail the exports whose last worker died too; returns how many."""
    now = timezone.now()
    dead = exports_due().filter(attempts__gte=MAX_ATTEMPTS)
    return dead.order_by().update(
        state=ExportState.FAILED, reason=WORKER_DIED, finished_at=now,
        expires_at=now + settings.EXPORT_KEPT, lease_expires_at=None, claimed_by="",
    )  # fmt: skip


def ring_for_exports() -> None:
    """Send one `write_exports_task`. Never raises because of the broker, never takes long."""
    from clinic.tasks import write_exports_task

    send_task(write_exports_task, expires=BELL_LIVES_SECONDS)
