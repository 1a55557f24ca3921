"""How an organisation's way of reading has changed: who changed what, and when."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db.models import Model

from accounts.models import User
from clinic.models import ReadingPolicy


@dataclass(frozen=True)
class PolicyChange:
    """One change, as words by field. `who` is None for a program."""

    at: datetime
    who: User | None
    changes: list[str]


def policy_history(policy: ReadingPolicy) -> list[PolicyChange]:
    """Every change of a policy, newest first, in two queries. Saving without a change is none."""
    rows = (
        apps.get_model("clinic", "ReadingPolicyEvent")
        .objects.filter(pgh_obj_id=policy.pk)
        .select_related("pgh_context")
        .order_by("pgh_created_at", "pgh_id")
    )
    found: list[tuple[Any, list[str]]] = []
    # The first row says what was other than the defaults.
    before: Model = ReadingPolicy(organisation_id=policy.organisation_id)
    for row in rows:
        if changes := _differences(before, row):
            found.append((row, changes))
        before = row
    people = User.objects.in_bulk({key for row, _ in found if (key := _person(row))})
    return [
        PolicyChange(row.updated_at, people.get(_person(row)), changes)
        for row, changes in reversed(found)
    ]


def _differences(before: Model, after: Model) -> list[str]:
    return [
        sentence
        for name, words in WORDS.items()
        if (value := getattr(after, name)) != getattr(before, name)
        for sentence in [words(value)]
    ]


def _switch(label: str) -> Any:
    return lambda value: f"{label} switched {'on' if value else 'off'}"


WORDS: dict[str, Any] = {
    "blind": _switch("Blind first reads"),
    "second_read_share": lambda value: f"Second read of {value} % at random",
    "second_read_from_malignancy": lambda value: (
        "No second read by malignancy"
        if value is None
        else f"Second read from a malignancy of {value} %"
    ),
    "second_read_on_disagreement": _switch("Second read where reader and model disagree"),
}


def _person(event: Any) -> Any:
    context = event.pgh_context
    key = context.metadata.get("user") if context else None
    return User._meta.pk.to_python(key) if key else None
