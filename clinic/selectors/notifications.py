"""News that a person may see: their own, of cases that they may still see."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from accounts.models import User
from accounts.selectors import visible_organisations
from clinic.models import Notification


def visible_notifications(user: User | AnonymousUser) -> QuerySet[Notification]:
    """The person's news. Whoever has left an organisation hears no more of it."""
    if not user.is_authenticated:
        return Notification.objects.none()
    return Notification.objects.filter(
        recipient=user, case__organisation__in=visible_organisations(user)
    )


def with_cases(news: QuerySet[Notification]) -> QuerySet[Notification]:
    """What a row shows, in the same query."""
    return news.select_related("case__patient", "case__answer__reader")


def unread(news: QuerySet[Notification]) -> QuerySet[Notification]:
    """What the person has not opened yet."""
    return news.filter(read_at__isnull=True)
