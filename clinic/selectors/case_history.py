"""What happened to a case, from the history that the database's triggers keep and its readings."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps

from accounts.models import User
from clinic.models import Case, CaseState, PathologyResult, Reading, ReadingRole
from clinic.selectors.blindness import may_see_readings
from clinic.selectors.lesions import visible_pathology

# What a change of the case's state adds to what its readings say.
WORDS = {
    CaseState.DRAFT: "Draft started",
    CaseState.SUBMITTED: "Submitted",
    CaseState.CONCORDANT: "The two reads agree",
    CaseState.DISCORDANT: "The two reads disagree",
    CaseState.FINAL: "Case closed",
    CaseState.CANCELLED: "Cancelled",
}
BEGUN = {
    ReadingRole.FIRST: "First read begun",
    ReadingRole.SECOND: "Second read begun",
    ReadingRole.ADJUDICATION: "Adjudication begun",
}
SIGNED = {
    ReadingRole.FIRST: "First read signed",
    ReadingRole.SECOND: "Second read signed",
    ReadingRole.ADJUDICATION: "Adjudication signed",
    ReadingRole.AMENDMENT: "Answer amended",
}
OUTWARD = frozenset({CaseState.DRAFT, CaseState.SUBMITTED, CaseState.CANCELLED})


@dataclass(frozen=True)
class HistoryEntry:
    """One thing that happened. `who` is None for a program or an import."""

    at: datetime
    what: str
    who: User | None
    detail: str = ""


def case_history(user: User, case: Case) -> list[HistoryEntry]:
    """What this person may know of a case, oldest first, in five queries.

    Somebody who could still read the case learns only that it was submitted and is being read.
    """
    open_book = may_see_readings(user, case)
    entries = _changes(case, open_book=open_book)
    if open_book:
        entries += _readings(case)
    entries += _pathology(user, case)
    return sorted(entries, key=lambda entry: entry.at)


def _changes(case: Case, *, open_book: bool) -> list[HistoryEntry]:
    """Each change of the case's state that says something, once."""
    events = apps.get_model("clinic", "CaseEvent")
    changes: list[tuple[Any, str]] = []
    state, was_read = None, False
    for event in (
        events.objects.filter(pgh_obj_id=case.pk)
        .select_related("pgh_context")
        .order_by("pgh_created_at", "pgh_id")
    ):
        if event.state == state:
            continue
        state = event.state
        if state in OUTWARD or (open_book and state in WORDS):
            # Given back by a reader, it waits again; it is not submitted again.
            if state == CaseState.SUBMITTED and was_read:
                continue
            changes.append((event, WORDS[CaseState(state)]))
        elif not open_book and not was_read:
            changes.append((event, "Being read"))
        was_read = was_read or state not in OUTWARD
    people = User.objects.in_bulk([key for event, _ in changes if (key := _person(event))])
    return [
        HistoryEntry(
            # An event's own time is the beginning of its transaction, before the signature in it.
            at=event.updated_at,
            what=what,
            # Who reads an open case is not told to those who may read it next.
            who=people.get(_person(event)) if open_book or event.state in OUTWARD else None,
            detail=event.cancelled_reason if event.state == CaseState.CANCELLED else "",
        )
        for event, what in changes
    ]


def _readings(case: Case) -> list[HistoryEntry]:
    entries = []
    for reading in Reading.objects.filter(case=case).select_related("reader"):
        role, reader = ReadingRole(reading.role), reading.reader
        if role == ReadingRole.AMENDMENT:
            if reading.signed_at:
                entries.append(
                    HistoryEntry(reading.signed_at, SIGNED[role], reader, reading.reason)
                )
            continue
        entries.append(HistoryEntry(reading.assigned_at, BEGUN[role], reader))
        if reading.committed_at and reading.is_blind:
            entries.append(HistoryEntry(reading.committed_at, "Own opinion committed", reader))
        if reading.revealed_at and reading.is_blind:
            entries.append(
                HistoryEntry(reading.revealed_at, "Model's answer shown to the reader", reader)
            )
        if reading.signed_at:
            entries.append(HistoryEntry(reading.signed_at, SIGNED[role], reader))
    return entries


def _pathology(user: User, case: Case) -> list[HistoryEntry]:
    """Results for the case's lesions that were recorded after it was started."""
    results = (
        visible_pathology(user)
        .filter(lesion__images__case=case, created_at__gte=case.created_at)
        .select_related("diagnosis", "lesion", "recorded_by")
        .distinct()
    )
    return [_recorded(result) for result in results]


def _recorded(result: PathologyResult) -> HistoryEntry:
    return HistoryEntry(
        at=result.created_at,
        what=f"Pathology of lesion {result.lesion.number} recorded",
        who=result.recorded_by,
        detail=f"{result.diagnosis.name} ({result.get_method_display().lower()})",
    )


def _person(event: Any) -> Any:
    """The key of who was signed in when the row was written."""
    context = event.pgh_context
    key = context.metadata.get("user") if context else None
    return User._meta.pk.to_python(key) if key else None
