"""Renditions for the screen: made once, by a worker, kept beside the original.

The rows of `PendingRendition` are the truth. Any number of workers may take them
(`FOR UPDATE SKIP LOCKED`); a claim that a killed worker leaves behind expires by itself.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from celery.exceptions import SoftTimeLimitExceeded
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.doorbell import BELL_LIVES_SECONDS, once_on_commit, send_task
from clinic.imaging import ImageRefused, make_rendition
from clinic.imaging.renditions import RENDITION_SUFFIX
from clinic.models import LesionImage, PendingRendition
from clinic.models.image import NEEDS_RENDITION
from clinic.models.pending_rendition import MAX_ATTEMPTS
from clinic.storage import rendition_key

logger = logging.getLogger(__name__)

CLAIM_LASTS = timedelta(minutes=5)
"""Longer than the task may run: what is claimed for longer belonged to a worker that is dead."""
NEXT_TRY = (timedelta(minutes=1), timedelta(minutes=10))
MOST_QUEUED_AT_ONCE = 5_000
WORKER_DIED = (
    f"The worker stopped {MAX_ATTEMPTS} times while it made this rendition. "
    "The picture may be more than it can hold in memory."
)


@dataclass(frozen=True, slots=True)
class ClaimedPicture:
    """An image that belongs to one worker for a while. `attempt` counts this try, from 1."""

    image: LesionImage
    attempt: int


def queue_renditions(*, images: Sequence[LesionImage]) -> int:
    """Queue those images that need a rendition; returns how many.

    Must run inside the transaction that stores the images.
    """
    now = timezone.now()
    rows = [
        PendingRendition(image=image, is_imported=bool(image.source_reference), queued_at=now)
        for image in images
        if image.needs_rendition
    ]
    PendingRendition.objects.bulk_create(rows, ignore_conflicts=True)
    if rows:
        once_on_commit(ring_for_renditions)
    return len(rows)


@transaction.atomic
def queue_missing_renditions() -> int:
    """Queue what was stored without asking: imported pictures, and those of earlier versions."""
    missing = LesionImage.objects.filter(
        NEEDS_RENDITION, rendition="", pending_rendition__isnull=True
    ).order_by("pk")
    # Locked, because an image that is removed meanwhile must not leave a row that points nowhere.
    lockable = LesionImage.objects.select_for_update(skip_locked=True, no_key=True).filter(
        pk__in=list(missing.values_list("pk", flat=True)[:MOST_QUEUED_AT_ONCE])
    )
    return queue_renditions(images=list(lockable))


@transaction.atomic
def claim_rendition() -> ClaimedPicture | None:
    """Take the picture whose turn it is, or None where nothing is due. People come first."""
    now = timezone.now()
    due = (
        PendingRendition.objects.filter(reason="", attempts__lt=MAX_ATTEMPTS)
        .filter(Q(not_before__isnull=True) | Q(not_before__lte=now))
        .order_by("is_imported", "queued_at", "image_id")
        .select_related("image")
    )
    pending = due.select_for_update(skip_locked=True, of=("self",)).first()
    if pending is None:
        return None
    pending.attempts += 1
    pending.not_before = now + CLAIM_LASTS
    pending.save(update_fields=["attempts", "not_before"])
    return ClaimedPicture(pending.image, pending.attempts)


def fulfil_claim(*, claimed: ClaimedPicture) -> bool:
    """Make one rendition and keep it; returns whether it is there now.

    A picture that cannot be decoded, or whose file is gone, is given up at once: another try would
    end the same way. Everything else is tried again, three times in all.
    """
    try:
        with claimed.image.file.open("rb") as file:
            content = make_rendition(file.read())
        return _keep(claimed, content)
    except ImageRefused as refused:
        # The decoder takes any exception for damage; this one only says that time is up.
        if isinstance(refused.__cause__, SoftTimeLimitExceeded):
            _try_again_later(claimed, refused.__cause__)
        else:
            _give_up(claimed, refused.reason)
    except FileNotFoundError:
        _give_up(claimed, "The file of this image is not in storage.")
    # Storage that cannot be reached, memory that is not there: neither is the picture's fault.
    except Exception as error:
        logger.exception("Try %s at a rendition of %s", claimed.attempt, claimed.image.pk)
        _try_again_later(claimed, error)
    return False


def _keep(claimed: ClaimedPicture, content: bytes) -> bool:
    """Store the file, then the row. A claim that somebody else has taken over keeps nothing."""
    image, storage = claimed.image, claimed.image.rendition.storage
    *left_by_dead_workers, name = rendition_names(image)[: claimed.attempt]
    for left in left_by_dead_workers:
        storage.delete(left)
    name = storage.save(name, ContentFile(content))
    try:
        with transaction.atomic():
            is_ours = _still_ours(claimed).delete()[0]
            if is_ours:
                LesionImage.objects.filter(pk=image.pk).update(rendition=name)
    except BaseException:
        storage.delete(name)
        raise
    if not is_ours:
        storage.delete(name)
    return bool(is_ours)


def _give_up(claimed: ClaimedPicture, reason: str) -> None:
    logger.error("There will be no rendition of image %s: %s", claimed.image.pk, reason)
    _still_ours(claimed).update(reason=reason[:300], not_before=None)


def _try_again_later(claimed: ClaimedPicture, error: Exception) -> None:
    if claimed.attempt >= MAX_ATTEMPTS:
        _give_up(claimed, f"Tried {MAX_ATTEMPTS} times. {type(error).__name__}: {error}")
        return
    later = timezone.now() + NEXT_TRY[claimed.attempt - 1]
    _still_ours(claimed).update(not_before=later)


def _still_ours(claimed: ClaimedPicture) -> QuerySet[PendingRendition]:
    return PendingRendition.objects.filter(
        image_id=claimed.image.pk, attempts=claimed.attempt, reason=""
    )


def give_up_what_kills_workers() -> int:
    """Give up pictures whose third worker died too; returns how many."""
    dead = PendingRendition.objects.filter(
        reason="", attempts=MAX_ATTEMPTS, not_before__lt=timezone.now()
    )
    keys = list(dead.values_list("pk", flat=True))
    for key in keys:
        logger.error("There will be no rendition of image %s: %s", key, WORKER_DIED)
    return dead.filter(pk__in=keys).update(reason=WORKER_DIED, not_before=None)


def rendition_names(image: LesionImage) -> list[str]:
    """Where a rendition may lie: one name for each try, beside the original. Empty if none."""
    if not image.needs_rendition:
        return []
    tries = range(1, MAX_ATTEMPTS + 1)
    return [rendition_key(image, f"{number}{RENDITION_SUFFIX}") for number in tries]


def anything_due() -> bool:
    """Whether a picture waits that a worker may take now."""
    waiting = PendingRendition.objects.filter(reason="", attempts__lt=MAX_ATTEMPTS)
    return waiting.filter(Q(not_before__isnull=True) | Q(not_before__lte=timezone.now())).exists()


def ring_for_renditions() -> None:
    """Send one `make_renditions_task`. Never raises because of the broker, never takes long."""
    from clinic.tasks import make_renditions_task

    send_task(make_renditions_task, expires=BELL_LIVES_SECONDS)
