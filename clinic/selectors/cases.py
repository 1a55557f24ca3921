"""Cases that a person may see, and the order in which they should be read."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, QuerySet

from accounts.models import Organisation, User
from accounts.selectors import visible_organisations
from clinic.models import Case, CaseState


def visible_cases(user: User | AnonymousUser) -> QuerySet[Case]:
    """Cases of the person's organisations, drafts included: a colleague may finish one."""
    return Case.objects.filter(organisation__in=visible_organisations(user))


def worklist(user: User, organisation: Organisation) -> QuerySet[Case]:
    """Submitted cases, most urgent first: priority, then malignancy, then the longest wait.

    The order is total (it ends in the key), so a keyset page can start after any row; the
    index `case_worklist` serves it.
    """
    return (
        visible_cases(user)
        .filter(organisation=organisation, state=CaseState.SUBMITTED)
        .order_by("-priority", "-urgency", "submitted_at", "id")
    )


def worklist_counts(user: User, organisation: Organisation) -> dict[int, int]:
    """How many cases wait, by priority, in one query."""
    rows = worklist(user, organisation).order_by().values("priority").annotate(waiting=Count("pk"))
    return {row["priority"]: row["waiting"] for row in rows}
