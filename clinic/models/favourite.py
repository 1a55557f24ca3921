"""A reader's diagnoses on the number keys."""

from django.db import models
from django.db.models import Q

from accounts.models.record import Record


class FavouriteDiagnosis(Record):
    """One number key of one person: 1 to 9."""

    reader = models.ForeignKey(
        "accounts.User", on_delete=models.CASCADE, related_name="favourite_diagnoses"
    )
    position = models.PositiveSmallIntegerField()
    diagnosis = models.ForeignKey("clinic.Diagnosis", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["reader", "position"]
        constraints = [
            models.UniqueConstraint(fields=["reader", "position"], name="one_favourite_per_key"),
            models.CheckConstraint(
                condition=Q(position__range=(1, 9)), name="favourite_is_on_a_number_key"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position}: {self.diagnosis_id}"
