"""Finding cases: by state, by who submitted them, by patient or number."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery, UUIDField
from django.db.models.functions import Coalesce

from accounts.models import Organisation, User
from accounts.selectors import has_role
from clinic.models import CLOSED_STATES, OPEN_STATES, Case, CaseState, LesionImage, Patient
from clinic.roles import READERS
from clinic.selectors.cases import visible_cases

REFERENCE = re.compile(r"^(?:c-?)?0*(\d{1,9})$", re.IGNORECASE)


@dataclass(frozen=True)
class StateGroup:
    """States that somebody who looks for a case does not tell apart."""

    value: str
    label: str
    states: tuple[CaseState, ...]


WITH_READERS = tuple(state for state in OPEN_STATES if state != CaseState.DRAFT)
WAITING = StateGroup("waiting", "Waiting", (CaseState.SUBMITTED,))
READING = StateGroup(
    "reading", "Being read", tuple(s for s in WITH_READERS if s != CaseState.SUBMITTED)
)
# Readers are not told which of the open cases a colleague has signed: for them these are one.
OPEN = StateGroup("open", "Open", WITH_READERS)
ANSWERED = StateGroup("answered", "Answered", CLOSED_STATES)
DRAFTS = StateGroup("draft", "Drafts", (CaseState.DRAFT,))
CANCELLED = StateGroup("cancelled", "Cancelled", (CaseState.CANCELLED,))


def state_groups(user: User, organisation: Organisation) -> tuple[StateGroup, ...]:
    """By what this person can look for cases there."""
    open_ones = (OPEN,) if has_role(user, organisation.pk, *READERS) else (WAITING, READING)
    return (*open_ones, ANSWERED, DRAFTS, CANCELLED)


def count_of(group: StateGroup, counts: Mapping[str, int]) -> int:
    """How many cases a group has, from `count_by_state`."""
    return sum(counts[state] for state in group.states)


def search_cases(
    user: User,
    *,
    organisation: Organisation,
    text: str = "",
    states: Collection[str] = (),
    submitter: User | None = None,
) -> QuerySet[Case]:
    """Cases of an organisation, newest first. Every word of `text` must be in the patient's
    names or number, or be the case's own number ("42", "C-00042").
    """
    cases = visible_cases(user).filter(organisation=organisation)
    for word in text.replace(",", " ").split()[:6]:
        found = (
            Q(patient__family_name__icontains=word)
            | Q(patient__given_name__icontains=word)
            | Q(patient__medical_record_number__icontains=word)
        )
        if reference := REFERENCE.match(word):
            found |= Q(number=int(reference[1]))
        cases = cases.filter(found)
    if states:
        cases = cases.filter(state__in=states)
    if submitter is not None:
        cases = cases.filter(submitter=submitter)
    return cases.order_by("-created_at", "-id")


def untouched_draft(user: User, patient: Patient) -> Case | None:
    """The person's own draft for a patient that has no image and no question yet."""
    drafts = visible_cases(user).filter(
        patient=patient, submitter=user, state=CaseState.DRAFT, clinical_question=""
    )
    return drafts.filter(images__isnull=True).order_by("-created_at", "-id").first()


def count_by_state(cases: QuerySet[Case]) -> dict[str, int]:
    """How many of these cases are in each state, in one query."""
    rows = cases.order_by().values("state").annotate(cases=Count("pk"))
    counts = dict.fromkeys(CaseState.values, 0)
    return counts | {row["state"]: row["cases"] for row in rows}


def with_summary(cases: QuerySet[Case]) -> QuerySet[Case]:
    """What a row of a list shows, without a query a row.

    Adds `first_image_id` (a UUID or None) and `image_count`; loads patient and submitter.
    """
    images = LesionImage.objects.filter(case=OuterRef("pk"))
    counted = images.order_by().values("case").annotate(images=Count("pk")).values("images")
    return cases.select_related("patient", "submitter").annotate(
        first_image_id=Subquery(
            images.order_by("created_at", "id").values("pk")[:1], output_field=UUIDField()
        ),
        image_count=Coalesce(Subquery(counted, output_field=IntegerField()), 0),
    )
