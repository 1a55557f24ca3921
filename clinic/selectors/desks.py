"""What lies on whose desk: the reader's own turn at a case, and the colleague who has it."""

from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.utils import timezone

from accounts.models import Organisation, User
from clinic.models import Case, LesionImage, Reading, ReadingRole
from clinic.selectors.cases import visible_cases
from clinic.selectors.images import visible_images
from clinic.selectors.worklist import WorklistOrder, ordered_worklist


def turns_at(user: User, case: Case) -> tuple[Reading | None, Reading | None]:
    """The person's own turn, and that of the colleague on whose desk the case lies; one query.

    Of the colleague nothing may be shown but the name and the time.
    """
    turns = list(
        Reading.objects.filter(case=case, case__in=visible_cases(user))
        .exclude(role=ReadingRole.AMENDMENT)
        .select_related("reader", "case")
    )
    now = timezone.now()
    own = next((turn for turn in turns if turn.reader_id == user.pk), None)
    colleague = next((t for t in turns if t.reader_id != user.pk and t.holds_at(now)), None)
    return own, colleague


def with_own_turn(cases: QuerySet[Case], user: User) -> QuerySet[Case]:
    """The same cases with the person's own turn as `own_turns` (a list of one or none)."""
    own = Reading.objects.filter(reader=user).exclude(role=ReadingRole.AMENDMENT)
    held = own.filter(case=OuterRef("pk"), holds_case=True, lock_expires_at__gt=timezone.now())
    return cases.annotate(is_on_own_desk=Exists(held)).prefetch_related(
        Prefetch("readings", queryset=own, to_attr="own_turns")
    )


def case_ahead(
    user: User,
    organisation: Organisation,
    *,
    after: Case | None = None,
    by: WorklistOrder = WorklistOrder.URGENT,
) -> Case | None:
    """The case that a signature under `after` would open next. Nothing is assigned."""
    cases = ordered_worklist(user, organisation, by)
    if after is not None:
        cases = cases.exclude(pk=after.pk)
    return cases.first()


def first_images(user: User, case: Case, *, count: int) -> list[LesionImage]:
    """The first images of a case, in the order of its film strip."""
    images = visible_images(user).filter(case=case)
    return list(images.order_by("lesion__number", "created_at", "id")[:count])
