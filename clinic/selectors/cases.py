"""Cases that a person may see."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import Prefetch, QuerySet

from accounts.models import User
from accounts.selectors import visible_organisations
from clinic.models import Case, LesionImage


def visible_cases(user: User | AnonymousUser) -> QuerySet[Case]:
    """Cases of the person's organisations, drafts included: a colleague may finish one."""
    return Case.objects.filter(organisation__in=visible_organisations(user))


def with_pictures(cases: QuerySet[Case]) -> QuerySet[Case]:
    """The same cases with patient, submitter, images and lesions loaded: two queries in all."""
    images = LesionImage.objects.select_related("lesion").order_by(
        "lesion__number", "created_at", "id"
    )
    return cases.select_related("patient", "submitter", "organisation").prefetch_related(
        Prefetch("images", queryset=images)
    )
