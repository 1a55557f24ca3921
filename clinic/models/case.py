"""A case: one submission of one patient's lesions to be read."""

import pghistory
from django.db import models
from django.db.models import Q

from accounts.models.record import Record


class CaseState(models.TextChoices):
    """Where a case stands; docs/reading.md draws the ways between these."""

    DRAFT = "draft", "Draft"
    SUBMITTED = "submitted", "Waiting for a read"
    FIRST_READ = "first_read", "In first read"
    SECOND_READ = "second_read", "Awaiting second read"
    CONCORDANT = "concordant", "Two reads agree"
    DISCORDANT = "discordant", "Two reads disagree"
    ADJUDICATION = "adjudication", "In adjudication"
    FINAL = "final", "Signed"
    AMENDED = "amended", "Amended"
    CANCELLED = "cancelled", "Cancelled"


# A reader can be found for these.
WAITING_STATES = (
    CaseState.SUBMITTED,
    CaseState.FIRST_READ,
    CaseState.SECOND_READ,
    CaseState.DISCORDANT,
    CaseState.ADJUDICATION,
)
# Still to be decided on. A case is concordant only for as long as a transaction takes.
OPEN_STATES = (CaseState.DRAFT, *WAITING_STATES, CaseState.CONCORDANT)
# There is a signed answer.
CLOSED_STATES = (CaseState.FINAL, CaseState.AMENDED)


class Priority(models.IntegerChoices):
    """How soon it should be read. Higher is sooner."""

    ROUTINE = 0, "Routine"
    URGENT = 1, "Urgent"
    EMERGENCY = 2, "Emergency"


@pghistory.track(exclude=["malignancy", "urgency"])
class Case(Record):
    """One clinical question about one patient, with images of one or more lesions.

    `malignancy` is the highest probability of malignancy among the answers of the model in
    service (0 to 1), kept here so that the worklist can be ordered by one index. `answer` is the
    reading whose reads are the answer of the case.
    """

    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.PROTECT, related_name="cases"
    )
    patient = models.ForeignKey("clinic.Patient", on_delete=models.PROTECT, related_name="cases")
    number = models.PositiveIntegerField(help_text="Counts within the organisation.")
    clinical_question = models.TextField(blank=True)
    priority = models.PositiveSmallIntegerField(choices=Priority, default=Priority.ROUTINE)
    state = models.CharField(max_length=12, choices=CaseState, default=CaseState.DRAFT)
    submitter = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, related_name="submitted_cases"
    )
    submitted_at = models.DateTimeField(null=True, blank=True)
    finalised_at = models.DateTimeField(null=True, blank=True)
    answer = models.ForeignKey(
        "clinic.Reading",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    cancelled_reason = models.CharField(max_length=300, blank=True)
    malignancy = models.FloatField(null=True, blank=True, editable=False)
    # Never null, so that a keyset page can compare it: no answer yet sorts as -1.
    urgency = models.GeneratedField(
        expression=models.functions.Coalesce("malignancy", models.Value(-1.0)),
        output_field=models.FloatField(),
        db_persist=True,
    )
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "number"], name="case_number_unique_in_organisation"
            ),
            models.CheckConstraint(
                condition=Q(state__in=CaseState.values), name="case_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(priority__in=Priority.values), name="case_priority_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "cancelled"]) | Q(submitted_at__isnull=False),
                name="submitted_case_has_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["final", "amended"]) | Q(finalised_at__isnull=False),
                name="final_case_has_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="cancelled") | ~Q(cancelled_reason=""),
                name="cancelled_case_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(malignancy__isnull=True) | Q(malignancy__range=(0, 1)),
                name="case_malignancy_is_a_probability",
            ),
        ]
        indexes = [
            models.Index(
                "organisation",
                models.F("priority").desc(),
                models.F("urgency").desc(),
                "submitted_at",
                "id",
                name="case_worklist",
                condition=Q(state__in=WAITING_STATES),
            ),
            models.Index(
                "organisation",
                models.F("priority").desc(),
                "submitted_at",
                "id",
                name="case_worklist_blind",
                condition=Q(state__in=WAITING_STATES),
            ),
            models.Index(fields=["organisation", "-created_at", "-id"], name="case_newest"),
            models.Index(fields=["patient", "-created_at"], name="case_by_patient"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """How people name it: "C-00042"."""
        return f"C-{self.number:05d}"
