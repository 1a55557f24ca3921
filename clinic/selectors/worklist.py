"""The cases that wait for a reader, in the order in which they should be read."""

import re
from datetime import timedelta
from enum import StrEnum

from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.keyset import rows_after
from accounts.models import Organisation, User
from clinic.models import (
    WAITING_STATES,
    AnnotationPick,
    Case,
    LesionImage,
    Reading,
    ReadingState,
)
from clinic.selectors.cases import visible_cases
from clinic.selectors.reading_policies import reading_policy

# Total, because they end in the key; the indexes `case_worklist` and `case_worklist_blind` serve
# them. The model's malignancy is in the order only where readers may know it.
BY_RISK = ("-priority", "-urgency", "submitted_at", "id")
BLIND = ("-priority", "submitted_at", "id")
# Nobody urgent waits for a model to learn. `learning_rank` is annotated.
LEARNING = ("-priority", "learning_rank", "submitted_at", "id")
NOT_PICKED = 2**31 - 1  # behind every rank
REFERENCE = re.compile(r"(?:c-?)?0*(\d{1,9})", re.IGNORECASE)


class WorklistOrder(StrEnum):
    """What a reader may order the list by, beside priority: the wait and risk, or learning."""

    URGENT = "urgent"
    LEARNING = "learning"


def worklist_order(
    organisation: Organisation, by: WorklistOrder = WorklistOrder.URGENT
) -> tuple[str, ...]:
    """Priority, then the model's malignancy unless the organisation reads blind, then the wait.

    By learning: priority, then the rank of the pick, then the wait; for `with_learning_rank`.
    """
    if by == WorklistOrder.LEARNING:
        return LEARNING
    return BLIND if reading_policy(organisation.pk).blind else BY_RISK


def with_learning_rank(cases: QuerySet[Case]) -> QuerySet[Case]:
    """The same cases with `learning_rank`, never null, so that a keyset page can compare it."""
    rank = Coalesce("annotation_pick__rank", Value(NOT_PICKED), output_field=IntegerField())
    return cases.annotate(learning_rank=rank)


def ordered_worklist(
    user: User, organisation: Organisation, by: WorklistOrder = WorklistOrder.URGENT
) -> QuerySet[Case]:
    """`worklist` in one of its orders."""
    cases = worklist(user, organisation)
    if by == WorklistOrder.LEARNING:
        cases = with_learning_rank(cases)
    return cases.order_by(*worklist_order(organisation, by))


def worklist(user: User, organisation: Organisation) -> QuerySet[Case]:
    """Cases that this reader could take now, in no order.

    What lies on a colleague's desk is not among them, nor what the reader has signed already: its
    next step is somebody else's.
    """
    readings = Reading.objects.filter(case=OuterRef("pk"))
    elsewhere = readings.filter(holds_case=True, lock_expires_at__gt=timezone.now()).exclude(
        reader=user
    )
    done = readings.filter(reader=user, state=ReadingState.SIGNED)
    return (
        visible_cases(user)
        .filter(organisation=organisation, state__in=WAITING_STATES)
        .exclude(Exists(elsewhere))
        .exclude(Exists(done))
        .order_by()
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


def next_to_read(
    user: User,
    organisation: Organisation,
    *,
    after: Case | None = None,
    lock: bool = False,
    by: WorklistOrder = WorklistOrder.URGENT,
) -> Case | None:
    """The first case that waits, or the first one behind `after`.

    With `lock` (within a transaction) it is locked, and cases locked by others are passed over.
    """
    order = worklist_order(organisation, by)
    cases = ordered_worklist(user, organisation, by)
    if after is not None:
        cases = cases.exclude(pk=after.pk).filter(rows_after(order, _values(after, order)))
    if lock:
        cases = cases.select_for_update(of=("self",), skip_locked=True)
    return cases.first()


def cases_ahead(user: User, case: Case, by: WorklistOrder = WorklistOrder.URGENT) -> int:
    """How many cases of its organisation are to be read before this one."""
    order = worklist_order(case.organisation, by)
    backwards = [name.removeprefix("-") if name.startswith("-") else f"-{name}" for name in order]
    before = rows_after(backwards, _values(case, order))
    cases = ordered_worklist(user, case.organisation, by)
    return cases.order_by().filter(before).count()


def _values(case: Case, order: tuple[str, ...]) -> dict[str, object]:
    names = (name.removeprefix("-") for name in order)
    return {
        name: _learning_rank(case) if name == "learning_rank" else getattr(case, name)
        for name in names
    }


def _learning_rank(case: Case) -> int:
    rank = AnnotationPick.objects.filter(case=case).values_list("rank", flat=True).first()
    return NOT_PICKED if rank is None else rank
