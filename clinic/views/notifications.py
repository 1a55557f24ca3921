"""News: what has happened to a person's cases since they last looked."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.keyset import keyset_page
from clinic.selectors.notifications import visible_notifications, with_cases
from clinic.views.gate import MemberRequest, for_members


@never_cache
@for_members
@require_safe
def news(request: MemberRequest) -> HttpResponse:
    """Newest first; opening the case marks its news as read."""
    mine = with_cases(visible_notifications(request.user))
    page = keyset_page(mine, order=["-created_at", "-id"], params=request.GET)
    return render(request, "clinic/notifications/news.html", {"page": page})
