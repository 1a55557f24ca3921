"""Reads that a person may see."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from accounts.models import User
from accounts.selectors import visible_organisations
from clinic.models import Read, ReadState


def visible_reads(user: User | AnonymousUser) -> QuerySet[Read]:
    """Signed reads of the person's organisations, and the person's own drafts."""
    reads = Read.objects.filter(case__organisation__in=visible_organisations(user))
    if not user.is_authenticated:
        return reads.none()
    return reads.filter(Q(state=ReadState.SIGNED) | Q(reader=user))
