"""What is measured of a model in service beside its answers, and what was found to be wrong."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models.record import Record
from inference.engine.reference import MOST_DIRECTIONS
from inference.models.image_features import Real


class ImageStatistics(models.Model):
    """A few numbers of the picture that networks are given; see `engine.image_statistics`.

    Measured once an image, by the worker that answers it first. An image whose numbers could not be
    computed has no row: that never costs an answer.
    """

    image = models.OneToOneField(
        "clinic.LesionImage", on_delete=models.CASCADE, primary_key=True, related_name="statistics"
    )
    brightness = Real()
    contrast = Real()
    hue = Real(help_text="Degrees from red, -180 to 180.")
    saturation = Real()
    sharpness = Real()
    dark_border = Real()

    class Meta:
        verbose_name_plural = "image statistics"
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    brightness__range=(0, 1.001),
                    contrast__range=(0, 1.001),
                    hue__range=(-181, 181),
                    saturation__range=(0, 1.001),
                    sharpness__range=(-20, 20),
                    dark_border__range=(0, 1),
                ),
                name="image_statistics_are_in_their_ranges",
            )
        ]

    def __str__(self) -> str:
        return f"Statistics of {self.image_id}"


class FeatureProjection(models.Model):
    """An answer's features on a few directions; see `engine.projection`.

    Beside `ImageFeatures`, whose rows are too wide to be counted by the hundred thousand.
    """

    prediction = models.OneToOneField(
        "inference.Prediction",
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="projection",
    )
    values = ArrayField(Real())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(values__len__range=(1, MOST_DIRECTIONS)),
                name="projection_is_on_a_few_directions",
            )
        ]

    def __str__(self) -> str:
        return f"{len(self.values)} projections of {self.prediction_id}"


class AlertMeasure(models.TextChoices):
    """What passed its threshold."""

    QUEUE_AGE = "queue_age", "Age of the oldest queued image"
    WAIT = "wait", "Wait for an answer"
    FAILURES = "failures", "Failed answers"
    UNLIKE = "unlike", "Images unlike the training images"
    BRIGHTNESS = "brightness", "Brightness"
    CONTRAST = "contrast", "Contrast"
    HUE = "hue", "Hue"
    SATURATION = "saturation", "Saturation"
    SHARPNESS = "sharpness", "Sharpness"
    DARK_BORDER = "dark_border", "Dark border"
    FEATURES = "features", "Features of the network"
    CALLED = "called", "Classes called"
    MALIGNANCY = "malignancy", "Probability of malignancy"
    CALIBRATION = "calibration", "Calibration of malignancy"
    AGREEMENT = "agreement", "Agreement with signed answers"


class ServiceAlert(Record):
    """A measure of a model that lies beyond its threshold, from `opened_at` to `closed_at`.

    `organisation` is null for all organisations together; `subgroup` is empty for everybody.
    `value` with its 95 % interval (`low`, `high`; null where it has none) over `n` observations is
    the newest, seen at `seen_at`. Acknowledging says that a person knows, and closes nothing.
    """

    model_version = models.ForeignKey(
        "inference.ModelVersion", on_delete=models.CASCADE, related_name="alerts"
    )
    organisation = models.ForeignKey(
        "accounts.Organisation",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="model_alerts",
    )
    measure = models.CharField(max_length=20, choices=AlertMeasure)
    subgroup = models.CharField(max_length=60, blank=True)
    sentence = models.CharField(max_length=300)
    value = models.FloatField()
    low = models.FloatField(null=True, blank=True)
    high = models.FloatField(null=True, blank=True)
    threshold = models.FloatField()
    n = models.PositiveIntegerField()
    opened_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-opened_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["model_version", "organisation", "measure", "subgroup"],
                condition=Q(closed_at__isnull=True),
                nulls_distinct=False,
                name="one_open_alert_of_a_measure",
            ),
            models.CheckConstraint(
                condition=Q(measure__in=AlertMeasure.values), name="alert_measure_is_known"
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(closed_at__gte=F("opened_at")),
                name="alert_closes_after_it_opens",
            ),
            models.CheckConstraint(
                condition=Q(acknowledged_at__isnull=True)
                | (Q(acknowledged_by__isnull=False) & ~Q(note="")),
                name="acknowledged_alert_has_person_and_note",
            ),
        ]

    def __str__(self) -> str:
        return self.sentence

    @property
    def is_open(self) -> bool:
        """Whether the measure still lies beyond its threshold."""
        return self.closed_at is None
