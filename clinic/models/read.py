"""One person's opinion on one lesion in one case."""

import pghistory
import pgtrigger
from django.db import models
from django.db.models import Q

from accounts.models.record import Record


class ReadState(models.TextChoices):
    """A draft can change; a signed read cannot, by a database trigger."""

    DRAFT = "draft", "Draft"
    SIGNED = "signed", "Signed"


class Management(models.TextChoices):
    """What should happen next."""

    EXCISE = "excise", "Excise"
    BIOPSY = "biopsy", "Biopsy"
    MONITOR = "monitor", "Monitor"
    REFER = "refer", "Refer"
    DISCHARGE = "discharge", "Discharge"


@pghistory.track()
class Read(Record):
    """Diagnosis, management and comment. Append-only once signed."""

    case = models.ForeignKey("clinic.Case", on_delete=models.PROTECT, related_name="reads")
    lesion = models.ForeignKey("clinic.Lesion", on_delete=models.PROTECT, related_name="reads")
    reader = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="reads")
    state = models.CharField(max_length=10, choices=ReadState, default=ReadState.DRAFT)
    diagnosis = models.ForeignKey(
        "clinic.Diagnosis", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    management = models.CharField(max_length=10, choices=Management, blank=True)
    monitor_months = models.PositiveSmallIntegerField(null=True, blank=True)
    comment = models.TextField(blank=True)
    signed_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["case", "lesion", "created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "lesion", "reader"],
                condition=Q(state="draft"),
                name="one_draft_read_per_reader_and_lesion",
            ),
            models.UniqueConstraint(
                fields=["case", "lesion"],
                condition=Q(state="signed"),
                name="one_signed_read_per_lesion_in_a_case",
            ),
            models.CheckConstraint(
                condition=Q(state="draft")
                | (Q(signed_at__isnull=False, diagnosis__isnull=False) & ~Q(management="")),
                name="signed_read_is_complete",
            ),
            models.CheckConstraint(
                condition=Q(management="") | Q(management__in=Management.values),
                name="management_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(state="signed", management="monitor")
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
            )
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
