"""Cases that a person may see, and the order in which they should be read."""

import re
from datetime import timedelta

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Prefetch, Q, QuerySet
from django.utils import timezone

from accounts.keyset import rows_after
from accounts.models import Organisation, User
from accounts.selectors import visible_organisations
from clinic.models import Case, CaseState, LesionImage

# Total, because it ends in the key; the index `case_worklist` serves it.
WORKLIST_ORDER = ("-priority", "-urgency", "submitted_at", "id")
REFERENCE = re.compile(r"(?:c-?)?0*(\d{1,9})", re.IGNORECASE)


def visible_cases(user: User | AnonymousUser) -> QuerySet[Case]:
    """Cases of the person's organisations, drafts included: a colleague may finish one."""
    return Case.objects.filter(organisation__in=visible_organisations(user))


def worklist(user: User, organisation: Organisation) -> QuerySet[Case]:
    """Submitted cases, most urgent first: priority, then malignancy, then the longest wait."""
    return (
        visible_cases(user)
        .filter(organisation=organisation, state=CaseState.SUBMITTED)
        .order_by(*WORKLIST_ORDER)
    )


def worklist_counts(user: User, organisation: Organisation) -> dict[int, int]:
    """How many cases wait, by priority, in one query."""
    return count_by_priority(worklist(user, organisation))


def count_by_priority(cases: QuerySet[Case]) -> dict[int, int]:
    """How many of these cases have each priority; a priority without a case is left out."""
    rows = cases.order_by().values("priority").annotate(waiting=Count("pk"))
    return {row["priority"]: row["waiting"] for row in rows}


def filter_worklist(
    cases: QuerySet[Case],
    *,
    priority: int | None = None,
    body_site: str = "",
    waiting_days: int | None = None,
    text: str = "",
) -> QuerySet[Case]:
    """Narrow a worklist. `text` finds names, record numbers, references and questions."""
    if priority is not None:
        cases = cases.filter(priority=priority)
    if body_site:
        at_site = LesionImage.objects.filter(lesion__body_site=body_site)
        cases = cases.filter(pk__in=at_site.values("case_id"))
    if waiting_days is not None:
        cases = cases.filter(submitted_at__lt=timezone.now() - timedelta(days=waiting_days))
    for word in text.replace(",", " ").split()[:6]:
        cases = cases.filter(_contains(word))
    return cases


def _contains(word: str) -> Q:
    found = (
        Q(patient__family_name__icontains=word)
        | Q(patient__given_name__icontains=word)
        | Q(patient__medical_record_number__icontains=word)
        | Q(clinical_question__icontains=word)
    )
    if reference := REFERENCE.fullmatch(word):
        found |= Q(number=int(reference[1]))
    return found


def with_pictures(cases: QuerySet[Case]) -> QuerySet[Case]:
    """The same cases with patient, submitter, images and lesions loaded: two queries in all."""
    images = LesionImage.objects.select_related("lesion").order_by(
        "lesion__number", "created_at", "id"
    )
    return cases.select_related("patient", "submitter", "organisation").prefetch_related(
        Prefetch("images", queryset=images)
    )


def next_to_read(
    user: User, organisation: Organisation, *, after: Case | None = None
) -> Case | None:
    """The most urgent case that waits, or the first one behind `after`."""
    cases = worklist(user, organisation)
    if after is not None:
        values = {name: getattr(after, name) for name in ("priority", "urgency", "id")}
        values["submitted_at"] = after.submitted_at
        cases = cases.filter(rows_after(WORKLIST_ORDER, values))
    return cases.first()


def cases_ahead(user: User, case: Case) -> int:
    """How many cases of its organisation are to be read before this one."""
    values = {name.removeprefix("-"): getattr(case, name.removeprefix("-"))
              for name in WORKLIST_ORDER}  # fmt: skip
    backwards = [
        name.removeprefix("-") if name.startswith("-") else f"-{name}" for name in WORKLIST_ORDER
    ]
    return (
        worklist(user, case.organisation).order_by().filter(rows_after(backwards, values)).count()
    )
