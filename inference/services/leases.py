"""Taking work off the queue, and giving it back.

Any number of workers on any number of machines: `FOR UPDATE SKIP LOCKED` gives each row to one of
them, and a lease that expires takes it from a worker that died.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from inference.models import MAX_ATTEMPTS, ModelState, Prediction, PredictionState

WORKER_DIED = (
    f"The worker stopped {MAX_ATTEMPTS} times while it answered this image. "
    "The image may be more than it can hold in memory."
)


@dataclass(frozen=True)
class ClaimedRow:
    """What a worker needs of a prediction. `attempts` counts this try; `file` is a private key."""

    pk: UUID
    attempts: int
    image_id: UUID
    case_id: UUID
    file: str


@dataclass(frozen=True)
class Claim:
    """Rows of one model that belong to one worker until `expires_at`."""

    token: str
    model_version_id: UUID
    model_is_active: bool
    rows: list[ClaimedRow]
    expires_at: datetime = field(compare=False)

    @property
    def is_retry(self) -> bool:
        """Whether its only row was tried before: such a row runs alone (see claim_predictions)."""
        return self.rows[0].attempts > 1


# One statement, because a worker spends it on every batch. `head` is the row whose turn it is;
# `batch` adds fresh rows of the same model. All of them stay locked until the statement ends.
_CLAIM = """
WITH head AS (
    SELECT id, model_version_id, attempts FROM inference_prediction
    WHERE state = 'queued' AND (not_before IS NULL OR not_before <= %(now)s)
    ORDER BY precedence, queued_at, id
    LIMIT 1 FOR UPDATE SKIP LOCKED
), batch AS (
    SELECT waiting.id FROM inference_prediction AS waiting, head
    WHERE waiting.state = 'queued'
        AND (waiting.not_before IS NULL OR waiting.not_before <= %(now)s)
        AND waiting.model_version_id = head.model_version_id
        AND (waiting.id = head.id OR (head.attempts = 0 AND waiting.attempts = 0))
    ORDER BY waiting.precedence, waiting.queued_at, waiting.id
    LIMIT %(limit)s FOR UPDATE OF waiting SKIP LOCKED
)
UPDATE inference_prediction AS prediction SET
    state = 'running',
    attempts = prediction.attempts + 1,
    started_at = %(now)s,
    lease_expires_at = %(expires_at)s,
    claimed_by = %(token)s
FROM batch, clinic_lesionimage AS image, inference_modelversion AS model
WHERE prediction.id = batch.id
    AND image.id = prediction.image_id
    AND model.id = prediction.model_version_id
RETURNING prediction.id, prediction.attempts, image.id, image.case_id, image.file,
    prediction.model_version_id, model.state
"""


def claim_predictions(*, worker: str, limit: int) -> Claim | None:
    """Take up to `limit` due rows of one model, or None where nothing is due.

    A row that was tried before comes alone: if it is the image that kills workers, it takes no
    other image with it.
    """
    now = timezone.now()
    token = f"{worker}:{uuid.uuid4().hex[:12]}"
    expires_at = now + timedelta(seconds=settings.INFERENCE_LEASE_SECONDS)
    values: dict[str, Any] = {"now": now, "limit": limit, "token": token, "expires_at": expires_at}
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, values)
        found = cursor.fetchall()
    if not found:
        return None
    *_, model_version_id, state = found[0]
    rows = [ClaimedRow(*columns[:5]) for columns in found]
    return Claim(token, model_version_id, state == ModelState.ACTIVE, rows, expires_at)


def extend_lease(*, claim: Claim) -> set[UUID]:
    """Begin the lease anew; returns the keys of the rows that are still the claim's own."""
    expires_at = timezone.now() + timedelta(seconds=settings.INFERENCE_LEASE_SECONDS)
    with transaction.atomic():
        held = _held(claim.token, (row.pk for row in claim.rows))
        keys = set(held.select_for_update().values_list("pk", flat=True))
        held.update(lease_expires_at=expires_at)
    return keys


def return_predictions(*, token: str, keys: Sequence[UUID]) -> int:
    """Put back rows that were claimed but not tried; the try does not count."""
    return _held(token, keys).update(
        state=PredictionState.QUEUED,
        attempts=F("attempts") - 1,
        started_at=None,
        lease_expires_at=None,
        claimed_by="",
    )


def _held(token: str, keys: Iterable[UUID]) -> QuerySet[Prediction]:
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
    now = timezone.now()
    return (
        Prediction.objects.filter(state=PredictionState.QUEUED)
        .filter(Q(not_before__isnull=True) | Q(not_before__lte=now))
        .exists()
    )
