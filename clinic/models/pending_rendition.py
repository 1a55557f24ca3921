"""A picture whose rendition for the screen is still to be made."""

from django.db import models

MAX_ATTEMPTS = 3


class PendingRendition(models.Model):
    """The row is the truth; the message to a worker is only a doorbell.

    It goes when the rendition is made (`LesionImage.rendition`). One that stays with a `reason` is
    of a picture that cannot be made smaller: the original is shown. A picture that is small enough
    (`LesionImage.needs_rendition`) never gets one.
    """

    image = models.OneToOneField(
        "clinic.LesionImage",
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="pending_rendition",
    )
    is_imported = models.BooleanField(help_text="Of a data set: waits until people are served.")
    queued_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(
        null=True, help_text="Until then it belongs to a worker, or waits for the next try."
    )
    reason = models.CharField(max_length=300, blank=True, help_text="Why there will be none.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(attempts__lte=MAX_ATTEMPTS), name="rendition_is_tried_thrice"
            )
        ]
        indexes = [
            models.Index(
                fields=["is_imported", "queued_at", "image"],
                condition=models.Q(reason=""),
                name="rendition_next",
            )
        ]

    def __str__(self) -> str:
        return self.reason or f"{self.image_id} waits for its rendition"
