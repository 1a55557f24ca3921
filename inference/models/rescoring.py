"""Putting what lies in the record before another model."""

from django.db import models
from django.db.models import Q

from accounts.models.record import Record


class RescoringState(models.TextChoices):
    """The row is the truth; the message is only a doorbell."""

    QUEUEING = "queueing", "Queueing images"
    ANSWERING = "answering", "Being answered"
    FINISHED = "finished", "Finished"
    CANCELLED = "cancelled", "Cancelled"


class Rescoring(Record):
    """A background job: `queued` of `total` images got a row of the queue, in the order of keys.

    It never changes what was shown: readings keep the opinion that their reader saw.
    """

    model_version = models.ForeignKey(
        "inference.ModelVersion", on_delete=models.PROTECT, related_name="rescorings"
    )
    state = models.CharField(max_length=10, choices=RescoringState, default=RescoringState.QUEUEING)
    total = models.PositiveIntegerField(default=0)
    queued = models.PositiveIntegerField(default=0)
    last_image = models.UUIDField(null=True, blank=True)
    requested_by = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=RescoringState.values), name="rescoring_state_is_known"
            ),
            models.UniqueConstraint(
                fields=["model_version"],
                condition=Q(state__in=["queueing", "answering"]),
                name="one_rescoring_of_a_model_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"Old images by {self.model_version}"
