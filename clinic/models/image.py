"""One picture of one lesion in one case."""

import pghistory
from django.db import models

from accounts.models.record import Record
from clinic.imaging.accepted import MEDIA_TYPES
from clinic.imaging.renditions import RENDITION_SIDE
from clinic.storage import image_key, rendition_key, thumbnail_key

BROWSERS_CANNOT_SHOW = (MEDIA_TYPES["HEIC"],)
NEEDS_RENDITION = (
    models.Q(width__gt=RENDITION_SIDE)
    | models.Q(height__gt=RENDITION_SIDE)
    | models.Q(media_type__in=BROWSERS_CANNOT_SHOW)
)


class ImageKind(models.TextChoices):
    """How it was taken."""

    DERMOSCOPIC = "dermoscopic", "Dermoscopic"
    CLOSE_UP = "close_up", "Close-up"
    OVERVIEW = "overview", "Overview"


@pghistory.track()
class LesionImage(Record):
    """The de-identified original (its pixels are the clinical record) and what is made of it.

    A thumbnail comes with the upload; a worker makes the rendition for the screen of a picture
    that is too large, or that browsers cannot show.
    `sha256` is of the stored bytes; the same picture cannot stand twice in a case.
    """

    case = models.ForeignKey("clinic.Case", on_delete=models.PROTECT, related_name="images")
    lesion = models.ForeignKey("clinic.Lesion", on_delete=models.PROTECT, related_name="images")
    kind = models.CharField(max_length=12, choices=ImageKind, default=ImageKind.DERMOSCOPIC)
    file = models.FileField(upload_to=image_key, max_length=160)
    thumbnail = models.FileField(upload_to=thumbnail_key, max_length=160)
    rendition = models.FileField(
        upload_to=rendition_key, max_length=160, blank=True, editable=False
    )
    sha256 = models.CharField(max_length=64)
    media_type = models.CharField(max_length=20)
    width = models.PositiveIntegerField(help_text="Pixels, after orientation.")
    height = models.PositiveIntegerField(help_text="Pixels, after orientation.")
    size_bytes = models.PositiveIntegerField()
    pixel_spacing_um = models.FloatField(
        "pixel spacing", null=True, blank=True, help_text="Micrometres a pixel, where it is known."
    )
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
            models.CheckConstraint(
                condition=models.Q(pixel_spacing_um__isnull=True)
                | models.Q(pixel_spacing_um__range=(0.1, 1000)),
                name="pixel_spacing_is_plausible",
            ),
            models.UniqueConstraint(
                fields=["case", "source_reference"],
                condition=~models.Q(source_reference=""),
                name="imported_image_once_per_case",
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"],
                condition=NEEDS_RENDITION & models.Q(rendition=""),
                name="image_without_rendition",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} image {self.width} × {self.height}"

    @property
    def needs_rendition(self) -> bool:
        """Whether the original is too large for a screen, or browsers cannot show it."""
        longer = max(self.width, self.height)
        return longer > RENDITION_SIDE or self.media_type in BROWSERS_CANNOT_SHOW
