"""Taking work off the queue, and giving it back.

Any number of workers on any number of machines: `FOR UPDATE SKIP LOCKED` gives each row to one of
them, and a lease that expires takes it from a worker that died.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from inference.models import MAX_ATTEMPTS, ModelVersion, Prediction, PredictionState

WORKER_DIED = (
    f"The worker stopped {MAX_ATTEMPTS} times while it answered this image. "
    "The image may be more than it can hold in memory."
)


@dataclass(frozen=True)
class Claim:
    """Rows of one model that belong to one worker until `expires_at`, in the queue's order."""

    token: str
    model_version: ModelVersion
    predictions: list[Prediction]
    expires_at: datetime = field(compare=False)

    @property
    def is_retry(self) -> bool:
        """Whether its only row was tried before: such a row runs alone (see claim_predictions)."""
        return self.predictions[0].attempts > 1


def claim_predictions(*, worker: str, limit: int) -> Claim | None:
    """Take up to `limit` due rows of one model, or None where nothing is due.

    A row that was tried before comes alone: if it is the image that kills workers, it takes no
    other image with it.
    """
    now = timezone.now()
    with transaction.atomic():
        rows = _next_rows(_due(now), limit)
        if not rows:
            return None
        token = f"{worker}:{uuid.uuid4().hex[:12]}"
        expires_at = now + timedelta(seconds=settings.INFERENCE_LEASE_SECONDS)
        Prediction.objects.filter(pk__in=[row.pk for row in rows]).update(
            state=PredictionState.RUNNING,
            attempts=F("attempts") + 1,
            started_at=now,
            lease_expires_at=expires_at,
            claimed_by=token,
        )
    for row in rows:
        row.attempts += 1
        row.started_at = now
    return Claim(token, rows[0].model_version, rows, expires_at)


def _due(now: datetime) -> QuerySet[Prediction]:
    return (
        Prediction.objects.filter(state=PredictionState.QUEUED)
        .filter(Q(not_before__isnull=True) | Q(not_before__lte=now))
        .order_by("precedence", "queued_at", "id")
    )


def _next_rows(due: QuerySet[Prediction], limit: int) -> list[Prediction]:
    rows = due.select_related("image", "model_version").select_for_update(
        of=("self",), skip_locked=True
    )
    first = rows.first()
    if first is None:
        return []
    if first.attempts or limit == 1:
        return [first]
    return list(rows.filter(model_version=first.model_version_id, attempts=0)[:limit])


def extend_lease(*, claim: Claim) -> set[uuid.UUID]:
    """Begin the lease anew; returns the keys of the rows that are still the claim's own."""
    expires_at = timezone.now() + timedelta(seconds=settings.INFERENCE_LEASE_SECONDS)
    with transaction.atomic():
        held = _held(claim.token, (row.pk for row in claim.predictions))
        keys = set(held.select_for_update().values_list("pk", flat=True))
        held.update(lease_expires_at=expires_at)
    return keys


def return_predictions(*, token: str, keys: Sequence[uuid.UUID]) -> int:
    """Put back rows that were claimed but not tried; the try does not count."""
    return _held(token, keys).update(
        state=PredictionState.QUEUED,
        attempts=F("attempts") - 1,
        started_at=None,
        lease_expires_at=None,
        claimed_by="",
    )


def _held(token: str, keys: Iterable[uuid.UUID]) -> QuerySet[Prediction]:
    return Prediction.objects.filter(
        pk__in=list(keys), state=PredictionState.RUNNING, claimed_by=token
    )


@dataclass(frozen=True)
class TakenBack:
    """What became of the rows whose worker died."""

    queued: int
    failed: int


@transaction.atomic
def take_back_expired_leases() -> TakenBack:
    """Queue the rows of dead workers again; the third time they fail, with a reason."""
    now = timezone.now()
    expired = Prediction.objects.filter(state=PredictionState.RUNNING, lease_expires_at__lt=now)
    # Rows that a slow worker is just answering are locked: it was in time after all.
    keys = list(expired.select_for_update(skip_locked=True).values_list("pk", flat=True))
    rows = Prediction.objects.filter(pk__in=keys)
    failed = rows.filter(attempts__gte=MAX_ATTEMPTS).update(
        state=PredictionState.FAILED, reason=WORKER_DIED, finished_at=now, lease_expires_at=None
    )
    queued = rows.filter(state=PredictionState.RUNNING).update(
        state=PredictionState.QUEUED, started_at=None, lease_expires_at=None, claimed_by=""
    )
    return TakenBack(queued=queued, failed=failed)


def anything_due() -> bool:
    """Whether a row waits that a worker may take now."""
    return _due(timezone.now()).exists()
