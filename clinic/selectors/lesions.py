"""Lesions and pathology results that a person may see."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from accounts.models import User
from accounts.selectors import visible_organisations
from clinic.models import Lesion, PathologyResult


def visible_lesions(user: User | AnonymousUser) -> QuerySet[Lesion]:
    """Lesions of the patients of the person's organisations."""
    return Lesion.objects.filter(patient__organisation__in=visible_organisations(user))


def visible_pathology(user: User | AnonymousUser) -> QuerySet[PathologyResult]:
    """Pathology results of those lesions."""
    return PathologyResult.objects.filter(
        lesion__patient__organisation__in=visible_organisations(user)
    )
