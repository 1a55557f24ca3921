"""The model's answers to the images of cases that were read before any worker runs."""

from datetime import timedelta

from django.utils import timezone

from inference.models import Prediction, PredictionState


def queue_from_now() -> None:
    """What waits was asked about when its case was written; the worker is asked now.

    The cases are dated back, and nobody has waited three days for an answer.
    """
    Prediction.objects.filter(state=PredictionState.QUEUED).update(queued_at=timezone.now())


def answer_now() -> None:
    """Work the queue off in this process, and date the answers as a worker would have had them.

    The answers are the real model's, on pictures of nobody's skin.
    """
    # torch or ONNX Runtime come with it; only this command and workers have them.
    from inference.worker.drain import Drain

    waiting = Prediction.objects.filter(state=PredictionState.QUEUED)
    queued = list(waiting.values_list("pk", flat=True))
    Drain().run()
    answered = list(
        Prediction.objects.filter(pk__in=queued, finished_at__isnull=False).select_related("image")
    )
    for prediction in answered:
        prediction.queued_at = prediction.image.created_at
        prediction.finished_at = prediction.image.created_at + timedelta(seconds=20)
    Prediction.objects.bulk_update(answered, ["queued_at", "finished_at"])
