"""What happened to a case, from the history that the database's triggers keep."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps

from accounts.models import User
from clinic.models import Case, CaseState

WORDS = {
    CaseState.DRAFT: "Draft started",
    CaseState.SUBMITTED: "Submitted",
    CaseState.FIRST_READ: "First read begun",
    CaseState.SECOND_READ: "First read signed, a second one is wanted",
    CaseState.CONCORDANT: "The two reads agree",
    CaseState.DISCORDANT: "The two reads disagree",
    CaseState.ADJUDICATION: "Adjudication begun",
    CaseState.FINAL: "Signed and closed",
    CaseState.AMENDED: "Answer amended",
    CaseState.CANCELLED: "Cancelled",
}


@dataclass(frozen=True)
class HistoryEntry:
    """One thing that happened. `who` is None for a program or an import."""

    at: datetime
    what: str
    who: User | None
    detail: str = ""


def case_history(case: Case) -> list[HistoryEntry]:
    """Each change of the case's state, oldest first, in two queries."""
    events = apps.get_model("clinic", "CaseEvent")
    changes: list[tuple[Any, str]] = []
    state = None
    for event in (
        events.objects.filter(pgh_obj_id=case.pk)
        .select_related("pgh_context")
        .order_by("pgh_created_at", "pgh_id")
    ):
        if event.state != state:
            state = event.state
            changes.append((event, state))
    people = User.objects.in_bulk([key for event, _ in changes if (key := _person(event))])
    entries = []
    for event, state in changes:
        key = _person(event)
        entries.append(
            HistoryEntry(
                at=event.pgh_created_at,
                what=WORDS[CaseState(state)],
                who=people.get(key) if key else None,
                detail=event.cancelled_reason if state == CaseState.CANCELLED else "",
            )
        )
    return entries


def _person(event: Any) -> Any:
    """The key of who was signed in when the row was written."""
    context = event.pgh_context
    key = context.metadata.get("user") if context else None
    return User._meta.pk.to_python(key) if key else None
