"""Putting images before the models in service. Rows are the truth, messages a doorbell."""

from collections.abc import Sequence

from django.utils import timezone

from clinic.models import LesionImage
from inference.models import ModelState, ModelVersion, Precedence, Prediction
from inference.selectors import models_in_service
from inference.services.doorbell import ring_on_commit


def queue_predictions(*, images: Sequence[LesionImage]) -> int:
    """Queue one prediction per image and model in service; returns how many.

    Must run inside the transaction that stores the images. With no model in service nothing is
    queued: activating one queues the images that wait.
    """
    now = timezone.now()
    rows = [
        Prediction(
            image=image,
            model_version=version,
            queued_at=now,
            precedence=precedence_of(version, imported=bool(image.source_reference)),
        )
        for version in models_in_service().only("pk", "state")
        for image in images
    ]
    Prediction.objects.bulk_create(rows, ignore_conflicts=True)
    if rows:
        ring_on_commit()
    return len(rows)


def precedence_of(version: ModelVersion, *, imported: bool) -> Precedence:
    """A clinician's photograph overtakes a data set; a shadow's answers come last."""
    if version.state == ModelState.SHADOW:
        return Precedence.SHADOW
    return Precedence.IMPORTED if imported else Precedence.PERSON_WAITS
