"""Letting a model look at lesions of which it is known what they were, to compare others with."""

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from clinic.models import OPEN_STATES, CaseState, LesionImage, PathologyResult
from inference.models import ModelVersion, Precedence, Prediction, PredictionState
from inference.services.doorbell import ring_on_commit

ROWS_A_STATEMENT = 2000


@transaction.atomic
def queue_confirmed_images(*, version: ModelVersion) -> int:
    """Queue the images of confirmed lesions of which the model keeps no features; returns how many.

    Those it was never asked about, and those it answered before features were kept. An answer in a
    case that is still open stays as it is: nobody waits for one that was there already. They come
    after what people wait for. Safe to run again.
    """
    confirmed = PathologyResult.objects.filter(lesion=OuterRef("lesion"))
    images = LesionImage.objects.filter(Exists(confirmed)).exclude(case__state=CaseState.CANCELLED)
    now = timezone.now()
    never_asked = images.exclude(predictions__model_version=version).order_by("created_at", "id")
    fresh = Prediction.objects.bulk_create(
        [
            Prediction(
                image_id=key, model_version=version, queued_at=now, precedence=Precedence.IMPORTED
            )
            for key in never_asked.values_list("pk", flat=True)
        ],
        batch_size=ROWS_A_STATEMENT,
        ignore_conflicts=True,
    )
    again = Prediction.objects.filter(
        ~Q(image__case__state__in=OPEN_STATES),
        model_version=version,
        state=PredictionState.SUCCEEDED,
        features__isnull=True,
        image__in=images.order_by(),
    ).update(
        state=PredictionState.QUEUED,
        attempts=0,
        precedence=Precedence.IMPORTED,
        queued_at=now,
        not_before=None,
        started_at=None,
        finished_at=None,
        duration_ms=None,
        claimed_by="",
    )
    if fresh or again:
        ring_on_commit()
    return len(fresh) + again
