"""Who operates models may have no role in any organisation, and gets in all the same."""

from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponseBase

from clinic.views.gate import AnyView, for_members
from inference.services.operators import is_operator


def for_operators(view: AnyView) -> AnyView:
    """As `for_members`, and model operators without a role; whose rows they are the view asks."""
    of_members = for_members(view)

    @wraps(view)
    def gate(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        has_role = getattr(request, "organisation", None) is not None
        if request.user.is_authenticated and not has_role and is_operator(request.user):
            return view(request, *args, **kwargs)
        return of_members(request, *args, **kwargs)

    return gate  # type: ignore[return-value]
