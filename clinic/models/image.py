"""One picture of one lesion in one case."""

import pghistory
from django.db import models

from accounts.models.record import Record
from clinic.storage import image_key, thumbnail_key


class ImageKind(models.TextChoices):
    """How it was taken."""

    DERMOSCOPIC = "dermoscopic", "Dermoscopic"
    CLOSE_UP = "close_up", "Close-up"
    OVERVIEW = "overview", "Overview"


@pghistory.track()
class LesionImage(Record):
    """The de-identified original (its pixels are the clinical record) and a thumbnail.

    `sha256` is of the stored bytes; the same picture cannot stand twice in a case.
    """

    case = models.ForeignKey("clinic.Case", on_delete=models.PROTECT, related_name="images")
    lesion = models.ForeignKey("clinic.Lesion", on_delete=models.PROTECT, related_name="images")
    kind = models.CharField(max_length=12, choices=ImageKind, default=ImageKind.DERMOSCOPIC)
    file = models.FileField(upload_to=image_key, max_length=160)
    thumbnail = models.FileField(upload_to=thumbnail_key, max_length=160)
    sha256 = models.CharField(max_length=64)
    media_type = models.CharField(max_length=20)
    width = models.PositiveIntegerField(help_text="Pixels, after orientation.")
    height = models.PositiveIntegerField(help_text="Pixels, after orientation.")
    size_bytes = models.PositiveIntegerField()
    captured_at = models.DateTimeField(null=True, blank=True)
    quality = models.JSONField(default=list, blank=True, help_text="Findings: code and sentence.")
    source_reference = models.CharField(
        max_length=80, blank=True, help_text="Its identifier in the data set it was imported from."
    )
    uploaded_by = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, related_name="+", null=True
    )

    class Meta:
        verbose_name = "image"
        ordering = ["lesion", "created_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["case", "sha256"], name="picture_once_per_case"),
            models.CheckConstraint(
                condition=models.Q(kind__in=ImageKind.values), name="image_kind_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(width__gt=0, height__gt=0, size_bytes__gt=0),
                name="image_has_pixels",
            ),
            models.UniqueConstraint(
                fields=["case", "source_reference"],
                condition=~models.Q(source_reference=""),
                name="imported_image_once_per_case",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} image {self.width} × {self.height}"
