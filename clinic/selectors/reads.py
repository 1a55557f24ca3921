"""Reads that a person may see."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from accounts.models import User
from accounts.selectors import visible_organisations
from clinic.models import Case, Read, ReadState


def visible_reads(user: User | AnonymousUser) -> QuerySet[Read]:
    """Signed reads of the person's organisations, and the person's own drafts."""
    reads = Read.objects.filter(case__organisation__in=visible_organisations(user))
    if not user.is_authenticated:
        return reads.none()
    return reads.filter(Q(state=ReadState.SIGNED) | Q(reader=user))


def signed_reads(user: User | AnonymousUser) -> QuerySet[Read]:
    """Signed reads with what stands under a signature."""
    return (
        visible_reads(user)
        .filter(state=ReadState.SIGNED)
        .select_related("diagnosis", "reader", "lesion", "case")
    )


def own_drafts(user: User, case: Case) -> QuerySet[Read]:
    """The person's own unsigned reads of a case, by lesion."""
    return (
        visible_reads(user)
        .filter(case=case, state=ReadState.DRAFT, reader=user)
        .select_related("diagnosis", "lesion")
        .order_by("lesion__number")
    )
