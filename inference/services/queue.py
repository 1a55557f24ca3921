"""Putting images before the models in service. Rows are the truth, messages a doorbell."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from clinic.models import LesionImage
from inference.models import Prediction
from inference.selectors import models_in_service
from inference.services.doorbell import ring_doorbell


def queue_predictions(*, images: Sequence[LesionImage]) -> int:
    """Queue one prediction per image and model in service; returns how many.

    Must run inside the transaction that stores the images. With no model in service nothing is
    queued: activating one queues the images that wait.
    """
    now = timezone.now()
    rows = [
        Prediction(image=image, model_version=version, queued_at=now)
        for version in models_in_service().only("pk")
        for image in images
    ]
    Prediction.objects.bulk_create(rows, ignore_conflicts=True)
    if rows:
        transaction.on_commit(ring_doorbell)
    return len(rows)
