"""What every model is measured on and none is trained on."""

import pgtrigger
from django.db import models
from django.db.models import Q

from accounts.models.record import Record


class SealedTestSet(Record):
    """Chosen once for an organisation, by patient. Its patients are in no version for training.

    `share` is the share of the labelled patients that was asked for, above 0 and below 1.
    """

    organisation = models.OneToOneField(
        "accounts.Organisation", on_delete=models.PROTECT, related_name="sealed_test_set"
    )
    version = models.OneToOneField(
        "clinic.DatasetVersion", on_delete=models.PROTECT, related_name="sealed_test_set"
    )
    share = models.FloatField()
    sealed_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(share__gt=0, share__lt=1), name="sealed_share_is_a_share"
            )
        ]
        triggers = [
            pgtrigger.Protect(
                name="sealed_is_sealed", operation=pgtrigger.Update | pgtrigger.Delete
            )
        ]

    def __str__(self) -> str:
        return f"Sealed test set of {self.organisation}"


class SealedTestSetUse(models.Model):
    """One time that the sealed test set was touched: when, by whom, what for."""

    test_set = models.ForeignKey(SealedTestSet, on_delete=models.PROTECT, related_name="uses")
    used_at = models.DateTimeField(auto_now_add=True)
    used_by = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, null=True, related_name="+"
    )
    purpose = models.CharField(max_length=300)
    images = models.PositiveIntegerField()

    class Meta:
        ordering = ["-used_at", "-id"]
        triggers = [
            pgtrigger.Protect(
                name="sealed_use_only_appends", operation=pgtrigger.Update | pgtrigger.Delete
            )
        ]

    def __str__(self) -> str:
        return self.purpose
