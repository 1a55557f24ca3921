"""Listening to the clinic."""

from typing import Any

from django.dispatch import receiver

from clinic.models import Case, LesionImage
from clinic.signals import image_accepted, model_opinion_wanted
from inference.opinions import opinion_of_case
from inference.services import queue_predictions


@receiver(image_accepted, dispatch_uid="queue_predictions")
def queue_predictions_for_new_images(
    sender: type[LesionImage], images: list[LesionImage], **_: Any
) -> None:
    """One queued prediction per image and model in service, in the same transaction."""
    queue_predictions(images=images)


@receiver(model_opinion_wanted, dispatch_uid="model_opinion")
def say_what_the_model_thinks(
    sender: type[Case], case: Case, **_: Any
) -> dict[str, dict[str, Any]]:
    """The active model's opinion by lesion, for the record of what was shown."""
    return opinion_of_case(case)
