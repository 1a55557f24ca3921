"""Listening to the clinic."""

from typing import Any

from django.dispatch import receiver

from clinic.models import LesionImage
from clinic.signals import image_accepted
from inference.services import queue_predictions


@receiver(image_accepted, dispatch_uid="queue_predictions")
def queue_predictions_for_new_images(
    sender: type[LesionImage], images: list[LesionImage], **_: Any
) -> None:
    """One queued prediction per image and model in service, in the same transaction."""
    queue_predictions(images=images)
