"""Who may pass: a signed-in person with a role, and how a script hears that it may not."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render, resolve_url
from django_htmx.middleware import HtmxDetails

from accounts.errors import DomainError
from accounts.models import Membership, Organisation, User
from accounts.selectors import has_role
from clinic.roles import SUBMITTERS


class MemberRequest(HttpRequest):
    """What a view behind the gate gets: who asks, and the organisation they work in."""

    user: User
    membership: Membership
    organisation: Organisation
    htmx: HtmxDetails


View = Callable[..., HttpResponse]
AnyView = TypeVar("AnyView", bound=Callable[..., HttpResponseBase])
SIGNED_OUT = "Your session has ended. Sign in in a new tab, then try again: nothing here is lost."
NOT_FOUND = (
    "This is no longer there, or it belongs to another organisation than the person who is signed "
    "in now."
)
NO_ROLE = "You have no role in an organisation yet. Ask an administrator to give you one."


def for_members(view: AnyView) -> AnyView:
    """Let signed-in people with a role in.

    Others are sent to the sign-in page; a script gets 401 and a sentence instead, because it
    would follow a redirect without noticing. Refusals reach a script as a problem document too.
    """

    @wraps(view)
    def gate(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            if asks_as_script(request):
                return problem(401, SIGNED_OUT, code="signed_out")
            return redirect_to_login(_way_back(request))
        if request.organisation is None:  # type: ignore[attr-defined]
            return render(request, "403.html", {"sentence": NO_ROLE}, status=403)
        try:
            return view(request, *args, **kwargs)
        except Http404:
            if asks_as_script(request):
                return problem(404, NOT_FOUND, code="not_found")
            raise
        except DomainError as refusal:
            if asks_as_script(request):
                return problem(refusal.status, str(refusal), code=refusal.code)
            raise

    return cast("AnyView", gate)


def asks_as_script(request: HttpRequest) -> bool:
    """Whether the page's own script asks, which shows a sentence where a page has no place."""
    return bool(getattr(request, "htmx", False)) or not request.accepts("text/html")


def problem(status: int, sentence: str, *, code: str, **extra: Any) -> JsonResponse:
    """Problem details (RFC 9457): `detail` is the sentence for the person."""
    body = {"type": "about:blank", "status": status, "detail": sentence, "code": code} | extra
    return JsonResponse(body, status=status, content_type="application/problem+json")


def may_write(user: User, organisation_id: Any) -> bool:
    """Whether to offer what only clinicians and dermatologists can do; the services decide."""
    return has_role(user, organisation_id, *SUBMITTERS)


def _way_back(request: HttpRequest) -> str:
    """Where to go after signing in: an address that only takes posts is not one."""
    if request.method in {"GET", "HEAD"}:
        return request.get_full_path()
    came_from = urlsplit(request.headers.get("Referer", ""))
    if came_from.netloc == request.get_host() and came_from.path:
        return came_from.path
    return resolve_url("home")
