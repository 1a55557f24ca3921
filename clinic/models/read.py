"""What one reader says of one lesion in one case."""

import pghistory
import pgtrigger
from django.db import models
from django.db.models import Q

from accounts.models.record import Record
from clinic.models.reading import nothing_joins_what_is_signed


class ReadState(models.TextChoices):
    """A draft can change; what is committed or signed cannot, by a database trigger."""

    DRAFT = "draft", "Draft"
    COMMITTED = "committed", "Committed"
    SIGNED = "signed", "Signed"


class ReadStage(models.TextChoices):
    """Before or after the model's answer was seen."""

    FIRST = "first", "First opinion"
    RECONSIDERED = "reconsidered", "Changed after the model's answer"


class Management(models.TextChoices):
    """What should happen next."""

    EXCISE = "excise", "Excise"
    BIOPSY = "biopsy", "Biopsy"
    MONITOR = "monitor", "Monitor"
    REFER = "refer", "Refer"
    DISCHARGE = "discharge", "Discharge"


class Confidence(models.IntegerChoices):
    """How sure the reader is."""

    LOW = 1, "Unsure"
    MEDIUM = 2, "Fairly sure"
    HIGH = 3, "Sure"


# What a reader says, by column. A committed row keeps these for ever.
CONTENT = (
    "diagnosis_id", "management", "monitor_months", "confidence", "criteria", "comment", "reason",
)  # fmt: skip
CONTENT_CHANGES = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in CONTENT)


@pghistory.track()
class Read(Record):
    """An opinion on one lesion within a reading: diagnosis, management, criteria, comment.

    The first opinion is committed before the model's answer is shown; a change of mind afterwards
    is a second row with its `reason`, and the first one stays. `stands` marks the row that counts.
    `version` rises with each saving of a draft, so that two windows cannot overwrite each other.
    """

    reading = models.ForeignKey("clinic.Reading", on_delete=models.PROTECT, related_name="reads")
    case = models.ForeignKey("clinic.Case", on_delete=models.PROTECT, related_name="reads")
    lesion = models.ForeignKey("clinic.Lesion", on_delete=models.PROTECT, related_name="reads")
    reader = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="reads")
    stage = models.CharField(max_length=12, choices=ReadStage, default=ReadStage.FIRST)
    state = models.CharField(max_length=10, choices=ReadState, default=ReadState.DRAFT)
    stands = models.BooleanField(default=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    diagnosis = models.ForeignKey(
        "clinic.Diagnosis", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    management = models.CharField(max_length=10, choices=Management, blank=True)
    monitor_months = models.PositiveSmallIntegerField(null=True, blank=True)
    confidence = models.PositiveSmallIntegerField(choices=Confidence, null=True, blank=True)
    criteria = models.JSONField(default=dict, blank=True, help_text="7-point checklist and ABCD.")
    comment = models.TextField(blank=True)
    reason = models.TextField(blank=True, help_text="Why the first opinion was changed.")
    signed_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["case", "lesion", "created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["reading", "lesion", "stage"], name="one_read_per_lesion_and_stage"
            ),
            models.UniqueConstraint(
                fields=["reading", "lesion"],
                condition=Q(stands=True),
                name="one_read_stands_per_lesion_in_a_reading",
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | (Q(diagnosis__isnull=False) & ~Q(management="")),
                name="committed_read_is_complete",
            ),
            models.CheckConstraint(
                condition=~Q(state="signed") | Q(signed_at__isnull=False),
                name="signed_read_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(stage="first") | ~Q(reason=""),
                name="reconsidered_read_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(management="") | Q(management__in=Management.values),
                name="management_is_known",
            ),
            models.CheckConstraint(
                condition=Q(confidence__isnull=True) | Q(confidence__in=Confidence.values),
                name="confidence_is_known",
            ),
            models.CheckConstraint(
                condition=Q(state="draft")
                | ~Q(management="monitor")
                # A check that comes out as NULL passes, so a missing number is named.
                | Q(monitor_months__isnull=False, monitor_months__range=(1, 36)),
                name="monitoring_says_when",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="signed_read_is_for_ever",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__state="signed"),
            ),
            pgtrigger.Protect(
                name="committed_read_keeps_its_content",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    f"OLD.state = 'committed' AND (NEW.state = 'draft' OR {CONTENT_CHANGES})"
                ),
            ),
            pgtrigger.Protect(
                name="committed_read_is_not_deleted",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Q(old__state="committed"),
            ),
            nothing_joins_what_is_signed("read_joins_no_signed_reading"),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()} read of {self.lesion_id}"

    @property
    def management_label(self) -> str:
        """In words: "Monitor in 3 months"."""
        if self.management == Management.MONITOR and self.monitor_months:
            unit = "month" if self.monitor_months == 1 else "months"
            return f"Monitor in {self.monitor_months} {unit}"
        return self.get_management_display()
