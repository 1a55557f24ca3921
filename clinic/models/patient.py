"""A patient of one organisation."""

from datetime import date

import pghistory
from django.db import models
from django.utils import timezone

from accounts.models.record import Record


class Sex(models.TextChoices):
    """As HAM10000 and HL7 administrative gender write it."""

    FEMALE = "female", "Female"
    MALE = "male", "Male"
    OTHER = "other", "Other"
    UNKNOWN = "unknown", "Unknown"


class FitzpatrickType(models.IntegerChoices):
    """Skin type by its reaction to sun (Fitzpatrick 1988)."""

    I = 1, "I: always burns, never tans"  # noqa: E741
    II = 2, "II: usually burns, tans minimally"
    III = 3, "III: sometimes burns, tans evenly"
    IV = 4, "IV: rarely burns, tans well"
    V = 5, "V: very rarely burns, tans darkly"
    VI = 6, "VI: never burns"


class ResearchConsent(models.TextChoices):
    """What the patient allows to be done with de-identified images beside the own care."""

    NOT_ASKED = "not_asked", "Not asked"
    REFUSED = "refused", "Refused"
    TRAINING = "training", "May train this clinic's models"
    SHARING = "sharing", "May train models and be passed on to researchers"
    WITHDRAWN = "withdrawn", "Withdrawn"


@pghistory.track()
class Patient(Record):
    """A person in care. The medical record number is unique in its organisation.

    `research_consent_on` is the day on which the patient said what `research_consent` says.
    """

    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.PROTECT, related_name="patients"
    )
    medical_record_number = models.CharField(max_length=40)
    given_name = models.CharField(max_length=100, blank=True)
    family_name = models.CharField(max_length=100)
    sex = models.CharField(max_length=10, choices=Sex, default=Sex.UNKNOWN)
    birth_date = models.DateField(null=True, blank=True)
    approximate_age = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="In years, where the birth date is not known."
    )
    fitzpatrick_type = models.PositiveSmallIntegerField(
        "skin type", choices=FitzpatrickType, null=True, blank=True
    )
    research_consent = models.CharField(
        max_length=10, choices=ResearchConsent, default=ResearchConsent.NOT_ASKED
    )
    research_consent_on = models.DateField(null=True, blank=True)
    is_synthetic = models.BooleanField(
        default=False, help_text="Invented by the demonstration, not a person."
    )
    registered_by = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, related_name="+", null=True
    )
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["family_name", "given_name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "medical_record_number"],
                name="medical_record_number_unique_in_organisation",
            ),
            models.CheckConstraint(
                condition=models.Q(sex__in=Sex.values), name="patient_sex_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(fitzpatrick_type__isnull=True)
                | models.Q(fitzpatrick_type__range=(1, 6)),
                name="fitzpatrick_type_is_one_to_six",
            ),
            models.CheckConstraint(
                condition=models.Q(birth_date__isnull=True)
                | models.Q(birth_date__gte=date(1900, 1, 1)),
                name="birth_date_is_plausible",
            ),
            models.CheckConstraint(
                condition=models.Q(approximate_age__isnull=True)
                | models.Q(approximate_age__lte=120),
                name="approximate_age_is_plausible",
            ),
            models.CheckConstraint(
                condition=models.Q(research_consent__in=ResearchConsent.values),
                name="research_consent_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(research_consent="not_asked")
                | models.Q(research_consent_on__isnull=False),
                name="research_consent_has_a_day",
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "-created_at", "-id"], name="patient_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.medical_record_number})"

    @property
    def name(self) -> str:
        """Family name first, as in a record."""
        return f"{self.family_name}, {self.given_name}" if self.given_name else self.family_name

    @property
    def age(self) -> int | None:
        """Whole years today, or the approximate age."""
        if self.birth_date is None:
            return self.approximate_age
        today = timezone.localdate()
        had_birthday = (today.month, today.day) >= (self.birth_date.month, self.birth_date.day)
        return today.year - self.birth_date.year - (0 if had_birthday else 1)
