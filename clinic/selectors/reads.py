"""Reads and readings that a person may see."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import F, Q, QuerySet

from accounts.models import User
from clinic.models import Case, Read, Reading, ReadingRole, ReadStage
from clinic.selectors.blindness import readable_reads
from clinic.selectors.cases import visible_cases


def visible_reads(user: User | AnonymousUser) -> QuerySet[Read]:
    """One's own reads, and what colleagues have signed where the blind rule lets it through."""
    return readable_reads(user)


def answer_reads(user: User | AnonymousUser) -> QuerySet[Read]:
    """The reads that are the answer of their case, with what stands under a signature."""
    return (
        readable_reads(user)
        .filter(reading=F("case__answer"), stands=True)
        .select_related("diagnosis", "reader", "lesion", "case", "reading")
    )


def signed_readings(user: User | AnonymousUser, case: Case) -> QuerySet[Reading]:
    """Signed readings of a case that the person may see, in the order of their signatures."""
    return (
        visible_readings(user)
        .filter(case=case, state="signed")
        .select_related("reader")
        .prefetch_related("reads__diagnosis", "reads__lesion")
        .order_by("signed_at", "id")
    )


def visible_readings(user: User | AnonymousUser) -> QuerySet[Reading]:
    """One's own turns, and those of which something signed may be seen."""
    if not user.is_authenticated:
        return Reading.objects.none()
    signed = readable_reads(user).filter(state="signed").values("reading")
    return Reading.objects.filter(case__in=visible_cases(user).values("pk")).filter(
        Q(reader=user) | Q(state="signed", pk__in=signed)
    )


def own_reading(user: User, case: Case) -> Reading | None:
    """The person's own turn at a case, whatever became of it. An amendment is none."""
    return (
        Reading.objects.filter(case=case, reader=user)
        .exclude(role=ReadingRole.AMENDMENT)
        .select_related("case")
        .first()
    )


def own_reads(user: User, case: Case) -> QuerySet[Read]:
    """The person's own opinions on a case's lesions: first ones and changes of mind."""
    return (
        Read.objects.filter(case=case, reader=user)
        .exclude(reading__role=ReadingRole.AMENDMENT)
        .select_related("diagnosis", "lesion", "reading")
        .order_by("lesion__number", "stage")
    )


def own_drafts(user: User, case: Case) -> QuerySet[Read]:
    """The person's first opinions that are not committed, by lesion."""
    return own_reads(user, case).filter(state="draft", stage=ReadStage.FIRST)
