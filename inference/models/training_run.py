"""A training run: from a frozen data set to a candidate model."""

from django.db import models
from django.db.models import Q

from accounts.models.record import Record


class RunState(models.TextChoices):
    """The row is the truth; the message is only a doorbell."""

    QUEUED = "queued", "Waiting for a machine"
    RUNNING = "running", "Training"
    SUCCEEDED = "succeeded", "Finished"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"
    LOST = "lost", "The machine stopped answering"


UNFINISHED = (RunState.QUEUED, RunState.RUNNING)


class TrainingRun(Record):
    """Data set x recipe x seed. What it took and what came out, for good.

    `settings` are the recipe's changes as the command line takes them (`"max_epochs=3"`). A running
    row belongs to the machine in `claimed_by`, which renews `lease_expires_at` while it lives.
    `epochs` is the learning curve, one mapping an epoch; `log` the last lines that were printed.
    `command` is what was run, so that it can be run again by hand.
    """

    dataset_version = models.ForeignKey(
        "clinic.DatasetVersion", on_delete=models.PROTECT, related_name="training_runs"
    )
    recipe = models.CharField(max_length=60)
    start_from = models.ForeignKey(
        "inference.ModelVersion",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="descendant_runs",
    )
    settings = models.JSONField(default=list, blank=True)
    seed = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=10, choices=RunState, default=RunState.QUEUED)
    stage = models.CharField(max_length=60, blank=True, help_text="What it is doing, in words.")
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    epochs = models.JSONField(default=list, blank=True)
    log = models.TextField(blank=True)
    command = models.TextField(blank=True)
    code_revision = models.CharField(max_length=64, blank=True)
    candidate = models.OneToOneField(
        "inference.ModelVersion",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="training_run",
    )
    requested_by = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    claimed_by = models.CharField(max_length=120, blank=True)
    reason = models.CharField(max_length=500, blank=True, help_text="Why it ended, in words.")

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=RunState.values), name="training_run_state_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(state="running") | Q(lease_expires_at__isnull=False),
                name="running_training_has_a_lease",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["failed", "lost"]) | ~Q(reason=""),
                name="failed_training_has_a_reason",
            ),
            models.CheckConstraint(
                condition=~Q(state="succeeded") | Q(candidate__isnull=False),
                name="finished_training_has_a_candidate",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["queued", "running"]) | Q(finished_at__isnull=False),
                name="ended_training_has_a_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["created_at"],
                name="training_queue",
                condition=Q(state__in=["queued", "running"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.recipe} on {self.dataset_version}"

    @property
    def is_finished(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state not in UNFINISHED
