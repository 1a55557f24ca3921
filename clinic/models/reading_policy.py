"""How an organisation reads."""

import pghistory
from django.db import models
from django.db.models import Q

from accounts.models.record import Record


@pghistory.track()
class ReadingPolicy(Record):
    """Blind or not, and which cases get a second read. An organisation without a row has these.

    Every change is kept with its time and person, and stands on the page of statistics.
    """

    organisation = models.OneToOneField(
        "accounts.Organisation", on_delete=models.PROTECT, related_name="reading_policy"
    )
    blind = models.BooleanField(
        "blind first reads",
        default=True,
        help_text="The model's answer is withheld until a reader has committed an own opinion.",
    )
    second_read_share = models.PositiveSmallIntegerField(
        "second read of every case, %",
        default=0,
        help_text="Share of cases that a second dermatologist reads, chosen at random: 0 to 100.",
    )
    second_read_from_malignancy = models.PositiveSmallIntegerField(
        "second read from a malignancy of, %",
        null=True,
        blank=True,
        help_text="Cases in which the model's probability of malignancy reaches this; empty: none.",
    )
    second_read_on_disagreement = models.BooleanField(
        "second read where reader and model disagree",
        default=False,
        help_text="One of them calls a lesion malignant and the other does not.",
    )
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name_plural = "reading policies"
        constraints = [
            models.CheckConstraint(
                condition=Q(second_read_share__range=(0, 100)),
                name="second_read_share_is_a_percentage",
            ),
            models.CheckConstraint(
                condition=Q(second_read_from_malignancy__isnull=True)
                | Q(second_read_from_malignancy__range=(0, 100)),
                name="second_read_malignancy_is_a_percentage",
            ),
        ]

    def __str__(self) -> str:
        return f"Reading at {self.organisation}"
