"""Histology and its weaker relatives; it outranks opinion."""

import pghistory
from django.db import models

from accounts.models.record import Record


class ConfirmationMethod(models.TextChoices):
    """HAM10000's `dx_type` (Tschandl et al. 2018)."""

    HISTOPATHOLOGY = "histo", "Histopathology"
    CONFOCAL = "confocal", "Confocal microscopy"
    FOLLOW_UP = "follow_up", "Follow-up"
    CONSENSUS = "consensus", "Expert consensus"


@pghistory.track()
class PathologyResult(Record):
    """What a lesion turned out to be, and how that is known."""

    lesion = models.ForeignKey(
        "clinic.Lesion", on_delete=models.PROTECT, related_name="pathology_results"
    )
    diagnosis = models.ForeignKey("clinic.Diagnosis", on_delete=models.PROTECT, related_name="+")
    method = models.CharField(max_length=10, choices=ConfirmationMethod)
    reported_on = models.DateField(null=True, blank=True)
    report = models.TextField(blank=True)
    recorded_by = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    source_reference = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ["lesion", "-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(method__in=ConfirmationMethod.values),
                name="confirmation_method_is_known",
            ),
            models.UniqueConstraint(
                fields=["lesion", "source_reference"],
                condition=~models.Q(source_reference=""),
                name="imported_result_once_per_lesion",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.diagnosis} by {self.get_method_display().lower()}"
