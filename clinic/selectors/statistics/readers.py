"""Who read, by name, for an organisation's administrators."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Exists, QuerySet

from accounts.models import Organisation, User
from accounts.selectors import visible_organisations


def readers_by_name(
    user: User, organisation: Organisation, readers: Iterable[UUID]
) -> QuerySet[User]:
    """These readers of a visible organisation's cases, in the order of their names.

    Also those who have no role there any more: what they signed stands.
    """
    may_see = Exists(visible_organisations(user).filter(pk=organisation.pk))
    return User.objects.filter(may_see, pk__in=list(readers)).order_by("full_name", "email")
