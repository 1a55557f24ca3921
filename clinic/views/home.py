"""The start page, by role."""

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.models import Role
from accounts.selectors import members
from clinic.models import CLOSED_STATES, OPEN_STATES, Notification, Priority
from clinic.selectors import reading_policy, worklist, worklist_counts, worklist_order
from clinic.selectors.case_search import (
    count_by_state,
    count_of,
    search_cases,
    state_groups,
    with_summary,
)
from clinic.selectors.notifications import unread, visible_notifications, with_cases
from clinic.views.gate import MemberRequest, for_members

ROWS = 12
NEWS = 5


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What this person came for."""
    user = request.user
    if (
        user.is_authenticated
        and user.is_superuser
        and getattr(request, "organisation", None) is None
    ):
        return redirect("admin:index")
    return _home(cast("MemberRequest", request))


@for_members
def _home(request: MemberRequest) -> HttpResponse:
    pages = {
        Role.CLINICIAN: _clinician,
        Role.DERMATOLOGIST: _dermatologist,
        Role.ADMINISTRATOR: _administrator,
    }
    return pages[Role(request.membership.role)](request)


def _clinician(request: MemberRequest) -> HttpResponse:
    mine = search_cases(request.user, organisation=request.organisation, submitter=request.user)
    counts = count_by_state(mine)
    return render(
        request,
        "clinic/home/clinician.html",
        {
            "news": _news(request),
            "open_cases": with_summary(mine.filter(state__in=OPEN_STATES))[:ROWS],
            "answered": with_summary(mine.filter(state__in=CLOSED_STATES)).order_by(
                "-finalised_at"
            )[:ROWS],
            "open_count": sum(counts[state] for state in OPEN_STATES),
            "counts": counts,
        },
    )


def _dermatologist(request: MemberRequest) -> HttpResponse:
    user, organisation = request.user, request.organisation
    waiting = worklist(user, organisation)
    counts = worklist_counts(user, organisation)
    # The longest wait of each priority: one query, the rows come ordered by it.
    oldest = dict(
        waiting.order_by("priority", "submitted_at")
        .distinct("priority")
        .values_list("priority", "submitted_at")
    )
    mine = search_cases(user, organisation=organisation, submitter=user)
    return render(
        request,
        "clinic/home/dermatologist.html",
        {
            "news": _news(request),
            "waiting": [
                {
                    "priority": priority,
                    "count": counts.get(priority.value, 0),
                    "oldest": oldest.get(priority.value),
                }
                for priority in sorted(Priority, reverse=True)
            ],
            "waiting_count": sum(counts.values()),
            "next_cases": with_summary(waiting.order_by(*worklist_order(organisation)))[:5],
            "drafts": with_summary(mine.filter(state="draft"))[:5],
        },
    )


def _administrator(request: MemberRequest) -> HttpResponse:
    organisation = request.organisation
    people = members(organisation)
    by_role = dict.fromkeys(Role, 0)
    for role in people.values_list("role", flat=True):
        by_role[Role(role)] += 1
    counts = count_by_state(search_cases(request.user, organisation=organisation))
    return render(
        request,
        "clinic/home/administrator.html",
        {
            "people": [(role.label, count) for role, count in by_role.items()],
            "people_count": sum(by_role.values()),
            "cases": [
                (group.label, count_of(group, counts))
                for group in state_groups(request.user, organisation)
            ],
            "patients": organisation.patients.count(),
            "policy": reading_policy(organisation.pk),
        },
    )


def _news(request: MemberRequest) -> list[Notification]:
    mine = unread(visible_notifications(request.user))
    return list(with_cases(mine).order_by("-created_at", "-id")[:NEWS])
