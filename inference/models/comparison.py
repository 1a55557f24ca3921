"""A candidate beside the model in service, on the sealed test sets."""

from django.db import models
from django.db.models import Q

from accounts.models.record import Record


class ComparisonState(models.TextChoices):
    """The row is the truth; the message is only a doorbell."""

    ANSWERING = "answering", "Waiting for answers"
    FINISHED = "finished", "Finished"
    FAILED = "failed", "Failed"


class Comparison(Record):
    """Two models on the same sealed images, by a paired bootstrap over patients.

    `margins` are how much worse a candidate may be at most, by measure (balanced accuracy,
    malignancy sensitivity at the operating point), as shares. `test_sets` names what both were
    scored on: organisation, version, digest, images. `report` holds the figures and the rows on
    which the models differ; `is_not_worse` is the verdict, None until it is finished. `note` says
    in one sentence why.
    """

    candidate = models.ForeignKey(
        "inference.ModelVersion", on_delete=models.PROTECT, related_name="comparisons"
    )
    champion = models.ForeignKey(
        "inference.ModelVersion", on_delete=models.PROTECT, related_name="defences"
    )
    state = models.CharField(
        max_length=10, choices=ComparisonState, default=ComparisonState.ANSWERING
    )
    margins = models.JSONField()
    test_sets = models.JSONField(default=list)
    seed = models.PositiveIntegerField(default=1)
    resamples = models.PositiveIntegerField(default=2000)
    report = models.JSONField(default=dict)
    is_not_worse = models.BooleanField(null=True, blank=True)
    note = models.CharField(max_length=500, blank=True)
    attempts = models.PositiveSmallIntegerField(
        default=0, help_text="How often a worker began to judge it."
    )
    requested_by = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=ComparisonState.values), name="comparison_state_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(state="finished")
                | Q(is_not_worse__isnull=False, finished_at__isnull=False),
                name="finished_comparison_has_a_verdict",
            ),
            models.CheckConstraint(
                condition=~Q(candidate=models.F("champion")),
                name="a_model_is_not_compared_with_itself",
            ),
            models.UniqueConstraint(
                fields=["candidate", "champion"],
                condition=Q(state="answering"),
                name="one_comparison_of_two_models_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.candidate} beside {self.champion}"
