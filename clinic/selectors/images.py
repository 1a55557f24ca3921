"""Images that a person may see."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from accounts.models import User
from accounts.selectors import visible_organisations
from clinic.models import LesionImage


def visible_images(user: User | AnonymousUser) -> QuerySet[LesionImage]:
    """Images of the cases of the person's organisations."""
    return LesionImage.objects.filter(case__organisation__in=visible_organisations(user))
