"""What each request knows about its organisation, and how a domain error becomes a page."""

from collections.abc import Callable
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from accounts.errors import DomainError
from accounts.models import Membership

SESSION_KEY = "organisation"


class ActiveOrganisationMiddleware:
    """Sets `request.membership`: the role and organisation that the screens work in.

    A person with several organisations picks one (`organisation-switch`); it is kept in the
    session and checked against their memberships at every request.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.membership = self._membership(request)  # type: ignore[attr-defined]
        request.organisation = (  # type: ignore[attr-defined]
            request.membership.organisation if request.membership else None  # type: ignore[attr-defined]
        )
        return self.get_response(request)

    def _membership(self, request: HttpRequest) -> Membership | None:
        # An API request with a token has no session person; it never reads the session row.
        if request.path.startswith(("/static/", "/oauth/", "/healthz/")):
            return None
        if not request.user.is_authenticated:
            return None
        memberships = request.user.current_memberships
        chosen = request.session.get(SESSION_KEY)
        for membership in memberships:
            if chosen and membership.organisation_id == UUID(chosen):
                return membership
        return memberships[0] if memberships else None


class DomainErrorMiddleware:
    """Answers a refusal that no view caught with its own sentence and status."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Turn a DomainError into a page (or JSON where the script asked for it)."""
        if not isinstance(error, DomainError):
            return None
        if request.accepts("text/html"):
            template = f"{error.status}.html" if error.status in {403, 409} else "400.html"
            return render(request, template, {"sentence": str(error)}, status=error.status)
        return JsonResponse({"detail": str(error), "code": error.code}, status=error.status)
