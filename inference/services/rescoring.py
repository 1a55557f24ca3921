"""Putting the images of the record before another model, in the background.

It never changes what was shown: readings keep the opinion that their reader saw, and the pages of
closed cases show that. The rows of the queue come a few at a time, after everything that somebody
waits for, so that the queue stays short and the job can be stopped.
"""

from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.doorbell import once_on_commit
from accounts.errors import Conflict
from accounts.models import User
from clinic.models import CaseState, LesionImage
from inference.models import (
    Comparison,
    ComparisonState,
    ModelState,
    ModelVersion,
    Precedence,
    Prediction,
    PredictionState,
    Rescoring,
    RescoringState,
)
from inference.services.comparisons.doorbell import ring_for_comparisons
from inference.services.comparisons.requests import ask_unseen
from inference.services.doorbell import ring_on_commit
from inference.services.operators import require_operator
from inference.services.preparedness import require_prepared

IMAGES_A_BATCH = 1000
UNFINISHED = (RescoringState.QUEUEING, RescoringState.ANSWERING)
WAITING = (PredictionState.QUEUED, PredictionState.RUNNING)


@transaction.atomic
def rescore(*, version: ModelVersion, actor: User | None) -> Rescoring:
    """Let the model answer every image of the record that it was never asked about.

    While it is at it, the job under way is returned. Raises Conflict for a model that is retired
    or not prepared, NotAllowed for people who are no model operators.
    """
    require_operator(actor)
    version = ModelVersion.objects.select_for_update().get(pk=version.pk)
    if version.state == ModelState.RETIRED:
        msg = f"{version} is retired and answers no images. Let it answer unseen first."
        raise Conflict(msg, code="model_is_retired")
    require_prepared(version)
    under_way = version.rescorings.filter(state__in=UNFINISHED).first()
    if under_way is not None:
        return under_way
    total = old_images_of(version).count()
    job = Rescoring.objects.create(model_version=version, total=total, requested_by=actor)
    once_on_commit(ring_for_comparisons)
    return job


@transaction.atomic
def cancel_rescoring(*, rescoring: Rescoring, actor: User | None) -> Rescoring:
    """Stop it; what is answered stays, what waits is dropped. Twice is the same as once."""
    require_operator(actor)
    job = Rescoring.objects.select_for_update(of=("self",)).get(pk=rescoring.pk)
    if job.state in UNFINISHED:
        _cancel(job)
    return job


def cancel_rescorings(*, version: ModelVersion) -> None:
    """The model is taken out of service: it answers nothing more."""
    for job in version.rescorings.select_for_update().filter(state__in=UNFINISHED):
        _cancel(job)


def continue_rescorings() -> int:
    """Queue the next images of every job, as far as there is room; returns how many.

    A job goes on behind the last image that it has looked at, whoever went on with it before.
    """
    keys = Rescoring.objects.filter(state__in=UNFINISHED).values_list("pk", flat=True)
    return sum(_continue(key) for key in keys)


def something_is_promoted() -> bool:
    """Whether a comparison or a rescoring waits for answers."""
    return (
        Comparison.objects.filter(state=ComparisonState.ANSWERING).exists()
        or Rescoring.objects.filter(state__in=UNFINISHED).exists()
    )


def _continue(key: UUID) -> int:
    queued = 0
    while True:
        # A batch a transaction: somebody who cancels waits for one batch at most.
        with transaction.atomic():
            job = (
                Rescoring.objects.select_for_update(of=("self",), skip_locked=True)
                .select_related("model_version")
                .filter(pk=key, state__in=UNFINISHED)
                .first()
            )
            if job is None:
                return queued
            room = settings.RESCORING_WAITING - waiting_of(job).count()
            if job.state == RescoringState.QUEUEING and room > 0:
                queued += _queue_batch(job, min(room, IMAGES_A_BATCH))
                continue
            if job.state == RescoringState.ANSWERING and not waiting_of(job).exists():
                job.state, job.finished_at = RescoringState.FINISHED, timezone.now()
                job.save(update_fields=["state", "finished_at"])
            return queued


def _queue_batch(job: Rescoring, size: int) -> int:
    images = _old_images().filter(created_at__lte=job.created_at).order_by("pk")
    if job.last_image is not None:
        images = images.filter(pk__gt=job.last_image)
    unseen = images.exclude(predictions__model_version=job.model_version_id)
    keys = list(unseen.values_list("pk", flat=True)[:size])
    if not keys:
        job.state = RescoringState.ANSWERING
        job.save(update_fields=["state"])
        return 0
    queued = ask_unseen(version=job.model_version, images=keys)
    job.queued, job.last_image = job.queued + queued, keys[-1]
    job.save(update_fields=["queued", "last_image"])
    ring_on_commit()
    return queued


def _cancel(job: Rescoring) -> None:
    waiting_of(job).filter(state=PredictionState.QUEUED).delete()
    job.state, job.finished_at = RescoringState.CANCELLED, timezone.now()
    job.save(update_fields=["state", "finished_at"])


def waiting_of(job: Rescoring) -> QuerySet[Prediction]:
    """The job's own rows: of images that were there before it, asked after it began."""
    return job.model_version.predictions.filter(
        state__in=WAITING,
        precedence=Precedence.SHADOW,
        created_at__gte=job.created_at,
        image__created_at__lte=job.created_at,
    )


def old_images_of(version: ModelVersion) -> QuerySet[LesionImage]:
    """What the model was never asked about."""
    return _old_images().exclude(predictions__model_version=version)


def _old_images() -> QuerySet[LesionImage]:
    return LesionImage.objects.exclude(case__state__in=[CaseState.DRAFT, CaseState.CANCELLED])
