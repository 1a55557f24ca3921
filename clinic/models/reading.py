"""One reader's turn at one case."""

from datetime import datetime

import pghistory
import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models.record import Record


class ReadingRole(models.TextChoices):
    """What the case needed when the reader took it."""

    FIRST = "first", "First read"
    SECOND = "second", "Second read"
    ADJUDICATION = "adjudication", "Adjudication"
    AMENDMENT = "amendment", "Amendment"


class ReadingState(models.TextChoices):
    """How far the reader is. Only forwards."""

    ASSIGNED = "assigned", "Assigned"
    DRAFT = "draft", "Draft"
    COMMITTED = "committed", "Committed"
    REVEALED = "revealed", "Model's answer shown"
    RECONSIDERED = "reconsidered", "Reconsidered"
    SIGNED = "signed", "Signed"


# The reader's own opinion stands and can no longer be coloured.
AFTER_COMMIT = (
    ReadingState.COMMITTED,
    ReadingState.REVEALED,
    ReadingState.RECONSIDERED,
    ReadingState.SIGNED,
)
BEFORE_COMMIT = (ReadingState.ASSIGNED, ReadingState.DRAFT)


def nothing_joins_what_is_signed(name: str) -> pgtrigger.Trigger:
    """A trigger that refuses new rows of a reading that is signed: they would stand under it."""
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func=f"""
            IF EXISTS (SELECT 1 FROM clinic_reading
                       WHERE id = NEW.reading_id AND state = 'signed') THEN
                RAISE EXCEPTION 'pgtrigger: {name}';
            END IF;
            RETURN NEW;
        """,  # noqa: S608 - the name is ours
    )


@pghistory.track(exclude=["lock_expires_at", "active_seconds"])
class Reading(Record):
    """From the assignment to the signature; its reads say what the reader thinks of each lesion.

    `holds_case` says that the case lies on this reader's desk, until `lock_expires_at`.
    `is_blind` says that the model's answer was withheld until the commit. `model_opinion` is what
    the model said when it was shown, by lesion key, so that neither a later answer nor another
    model rewrites what the reader saw. `digest` is SHA-256 (hexadecimal) over what was signed.
    `active_seconds` is the time in which the page was in front of the reader.
    """

    case = models.ForeignKey("clinic.Case", on_delete=models.PROTECT, related_name="readings")
    reader = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="readings")
    role = models.CharField(max_length=12, choices=ReadingRole, default=ReadingRole.FIRST)
    state = models.CharField(max_length=12, choices=ReadingState, default=ReadingState.ASSIGNED)
    is_blind = models.BooleanField(default=True)
    holds_case = models.BooleanField(default=True)
    lock_expires_at = models.DateTimeField(null=True, blank=True)
    assigned_at = models.DateTimeField(default=timezone.now)
    committed_at = models.DateTimeField(null=True, blank=True)
    revealed_at = models.DateTimeField(null=True, blank=True)
    signed_at = models.DateTimeField(null=True, blank=True)
    model_opinion = models.JSONField(default=dict, blank=True)
    taxonomy_version = models.CharField(max_length=20, blank=True)
    proof_method = models.CharField(
        max_length=20, blank=True, help_text="How the signer proved who they are."
    )
    proved_at = models.DateTimeField(
        null=True, blank=True, help_text="When the signer proved it; a proof lasts some minutes."
    )
    reason = models.TextField(blank=True, help_text="Why a signed answer was amended.")
    digest = models.CharField(max_length=64, blank=True)
    active_seconds = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["case", "assigned_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(holds_case=True),
                name="one_reader_holds_a_case",
            ),
            models.UniqueConstraint(
                fields=["case", "reader"],
                condition=~Q(role="amendment"),
                name="a_reader_reads_a_case_once",
            ),
            models.UniqueConstraint(
                fields=["case", "role"],
                condition=Q(state="signed") & ~Q(role="amendment"),
                name="each_role_is_signed_once",
            ),
            models.CheckConstraint(
                condition=Q(role__in=ReadingRole.values), name="reading_role_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=ReadingState.values), name="reading_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["assigned", "draft"]) | Q(committed_at__isnull=False),
                name="committed_reading_has_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["revealed", "reconsidered"]) | Q(revealed_at__isnull=False),
                name="revealed_reading_has_a_time",
            ),
            models.CheckConstraint(
                # Blind: the model's answer was never shown before the own opinion was committed.
                condition=Q(is_blind=False)
                | Q(revealed_at__isnull=True)
                | Q(committed_at__isnull=False, committed_at__lte=models.F("revealed_at")),
                name="blind_reading_is_committed_before_it_is_revealed",
            ),
            models.CheckConstraint(
                condition=~Q(state="signed")
                | (
                    Q(signed_at__isnull=False)
                    & ~Q(digest="")
                    & ~Q(taxonomy_version="")
                    & Q(holds_case=False)
                ),
                name="signed_reading_is_whole",
            ),
            models.CheckConstraint(
                condition=~Q(holds_case=True) | Q(lock_expires_at__isnull=False),
                name="held_case_has_a_lock",
            ),
            models.CheckConstraint(
                condition=~Q(role="amendment", state="signed") | ~Q(reason=""),
                name="amendment_has_a_reason",
            ),
        ]
        indexes = [
            models.Index(
                fields=["lock_expires_at"], name="reading_locks", condition=Q(holds_case=True)
            ),
            models.Index(fields=["reader", "-signed_at"], name="reading_by_reader"),
        ]
        triggers = [
            pgtrigger.Protect(
                name="signed_reading_is_for_ever",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__state="signed"),
            ),
            pgtrigger.Protect(
                name="reading_does_not_go_back_before_its_commit",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.committed_at IS NOT NULL AND (NEW.state IN ('assigned', 'draft')"
                    " OR OLD.committed_at IS DISTINCT FROM NEW.committed_at)"
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} of {self.case_id}"

    @property
    def is_committed(self) -> bool:
        """Whether the reader's own opinion stands."""
        return self.state in AFTER_COMMIT

    def holds_at(self, moment: datetime) -> bool:
        """Whether the case lies on this reader's desk."""
        return (
            self.holds_case and self.lock_expires_at is not None and self.lock_expires_at > moment
        )
