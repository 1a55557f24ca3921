"""One model's answer to one image."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.models.record import Record

MAX_ATTEMPTS = 3


class PredictionState(models.TextChoices):
    """The row is the truth; the message is only a doorbell."""

    QUEUED = "queued", "Waiting"
    RUNNING = "running", "Running"
    SUCCEEDED = "succeeded", "Answered"
    FAILED = "failed", "Failed"


class Precedence(models.IntegerChoices):
    """Who is answered first: a person who waits, before a data set, before nobody."""

    PERSON_WAITS = 0, "A person waits"
    IMPORTED = 1, "Imported or asked again in bulk"
    SHADOW = 2, "Nobody sees it"


class Prediction(Record):
    """Image x model version.

    `probabilities` maps class code to calibrated probability; `malignancy` is the sum over the
    classes that count as malignant; `uncertainty` is the normalised entropy, 0 to 1. `top_class`
    is the likeliest; `called` is the package's decision, which weighs rare classes more.
    `plausible` are the codes that cannot be ruled out, the one called first; empty where the model
    makes no such promise. `strangeness` above 1 is unlike every image the model learned from.
    These three are empty or null in answers from before they were recorded.
    A running row belongs to its worker (`claimed_by`) until `lease_expires_at`. `saliency` is the
    class activation map of the top class as a greyscale PNG of a few pixels (white matters most);
    the screen colours and enlarges it.
    """

    image = models.ForeignKey(
        "clinic.LesionImage", on_delete=models.CASCADE, related_name="predictions"
    )
    model_version = models.ForeignKey(
        "inference.ModelVersion", on_delete=models.PROTECT, related_name="predictions"
    )
    state = models.CharField(max_length=10, choices=PredictionState, default=PredictionState.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    precedence = models.PositiveSmallIntegerField(
        choices=Precedence, default=Precedence.PERSON_WAITS
    )
    queued_at = models.DateTimeField()
    not_before = models.DateTimeField(
        null=True, blank=True, help_text="When to try again after a passing trouble."
    )
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    claimed_by = models.CharField(max_length=120, blank=True)
    duration_ms = models.PositiveIntegerField(
        null=True, blank=True, help_text="From the claim to the answer."
    )
    probabilities = models.JSONField(null=True, blank=True)
    top_class = models.CharField(max_length=40, blank=True)
    malignancy = models.FloatField(null=True, blank=True)
    uncertainty = models.FloatField(null=True, blank=True)
    called = models.CharField(max_length=40, blank=True)
    plausible = ArrayField(models.CharField(max_length=40), null=True, blank=True)
    strangeness = models.FloatField(null=True, blank=True)
    saliency = models.BinaryField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True, help_text="Why it failed, in words.")

    class Meta:
        ordering = ["-queued_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["image", "model_version"], name="one_answer_per_image_and_model_version"
            ),
            models.CheckConstraint(
                condition=Q(state__in=PredictionState.values), name="prediction_state_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(state="running") | Q(lease_expires_at__isnull=False),
                name="running_prediction_has_a_lease",
            ),
            models.CheckConstraint(
                condition=~Q(state="succeeded")
                # A missing number would make the range unknown, and a check passes what is unknown.
                | Q(
                    probabilities__isnull=False,
                    malignancy__isnull=False,
                    malignancy__range=(0, 1),
                ),
                name="answered_prediction_has_an_answer",
            ),
            models.CheckConstraint(
                condition=~Q(state="failed") | ~Q(reason=""), name="failed_prediction_has_a_reason"
            ),
            models.CheckConstraint(
                # PostgreSQL holds NaN to be larger than any number.
                condition=Q(strangeness__isnull=True) | Q(strangeness__range=(0, 1e9)),
                name="prediction_strangeness_is_a_distance",
            ),
            models.CheckConstraint(
                condition=Q(attempts__lte=MAX_ATTEMPTS), name="prediction_tries_are_bounded"
            ),
        ]
        indexes = [
            models.Index(
                fields=["precedence", "queued_at", "id"],
                name="prediction_queue",
                condition=Q(state="queued"),
            ),
            models.Index(
                fields=["lease_expires_at"], name="prediction_leases", condition=Q(state="running")
            ),
            models.Index(fields=["-queued_at", "-id"], name="prediction_newest"),
            models.Index(
                fields=["model_version", "finished_at"],
                name="prediction_by_model_and_time",
                condition=Q(finished_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()} · {self.image_id}"
