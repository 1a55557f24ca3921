"""A lesion of a patient: one place on the skin, seen once or many times."""

import pghistory
from django.db import models

from accounts.models.record import Record


class BodySite(models.TextChoices):
    """Where on the body. Coarse codes exist for imported records that know no better."""

    SCALP = "scalp", "Scalp"
    FACE = "face", "Face"
    EAR = "ear", "Ear"
    NECK = "neck", "Neck"
    ORAL = "oral", "Mouth"
    TRUNK = "trunk", "Trunk"
    CHEST = "chest", "Chest"
    ABDOMEN = "abdomen", "Abdomen"
    BACK = "back", "Back"
    SHOULDER = "shoulder", "Shoulder"
    UPPER_EXTREMITY = "upper_extremity", "Upper extremity"
    UPPER_ARM = "upper_arm", "Upper arm"
    FOREARM = "forearm", "Forearm"
    HAND = "hand", "Hand"
    GENITAL = "genital", "Genital"
    BUTTOCK = "buttock", "Buttock"
    LOWER_EXTREMITY = "lower_extremity", "Lower extremity"
    THIGH = "thigh", "Thigh"
    LOWER_LEG = "lower_leg", "Lower leg"
    FOOT = "foot", "Foot"
    PALM_SOLE = "palm_sole", "Palm or sole"
    UNKNOWN = "unknown", "Unknown"


class BodySide(models.TextChoices):
    """The patient's side."""

    LEFT = "left", "Left"
    RIGHT = "right", "Right"
    MIDLINE = "midline", "Midline"
    UNKNOWN = "unknown", "Side not given"


# Sites of which only one drawing of the body map has a part.
ON_ONE_DRAWING = frozenset(
    {
        BodySite.FACE,
        BodySite.CHEST,
        BodySite.ABDOMEN,
        BodySite.GENITAL,
        BodySite.BACK,
        BodySite.BUTTOCK,
    }
)


class BodyView(models.TextChoices):
    """Which of the two drawings of the body map."""

    FRONT = "front", "Front"
    BACK = "back", "Back"


@pghistory.track()
class Lesion(Record):
    """Numbered within its patient, so that people can speak of "lesion 2"."""

    patient = models.ForeignKey("clinic.Patient", on_delete=models.PROTECT, related_name="lesions")
    number = models.PositiveSmallIntegerField()
    body_site = models.CharField(max_length=20, choices=BodySite)
    side = models.CharField(max_length=10, choices=BodySide, default=BodySide.UNKNOWN)
    view = models.CharField(max_length=5, choices=BodyView, blank=True)
    map_x = models.FloatField(
        null=True, blank=True, help_text="From the left edge of the drawing, 0 to 1."
    )
    map_y = models.FloatField(null=True, blank=True, help_text="From its top edge, 0 to 1.")
    history = models.TextField(blank=True, help_text="Since when, changes, symptoms.")
    first_seen_on = models.DateField(null=True, blank=True)
    source_reference = models.CharField(
        max_length=80, blank=True, help_text="Its identifier in the data set it was imported from."
    )

    class Meta:
        ordering = ["patient", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "number"], name="lesion_number_unique_in_patient"
            ),
            models.CheckConstraint(
                condition=models.Q(body_site__in=BodySite.values), name="body_site_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(map_x__isnull=True, map_y__isnull=True)
                # A check that comes out as NULL passes, so a missing coordinate is named.
                | models.Q(
                    map_x__isnull=False,
                    map_y__isnull=False,
                    map_x__range=(0, 1),
                    map_y__range=(0, 1),
                    view__in=BodyView.values,
                ),
                name="body_map_mark_is_on_a_drawing",
            ),
            models.UniqueConstraint(
                fields=["patient", "source_reference"],
                condition=~models.Q(source_reference=""),
                name="imported_lesion_once_per_patient",
            ),
        ]

    def __str__(self) -> str:
        return f"Lesion {self.number}: {self.site_label}"

    @property
    def site_label(self) -> str:
        """Side and site in words: "Left forearm, back". A back needs no telling."""
        side = "" if self.side in {BodySide.UNKNOWN, BodySide.MIDLINE} else self.get_side_display()
        site = self.get_body_site_display()
        words = f"{side} {site.lower()}" if side else site
        if not self.view or self.body_site in ON_ONE_DRAWING:
            return words
        return f"{words}, {self.get_view_display().lower()}"
