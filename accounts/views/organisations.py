"""Choosing the organisation that the screens work in."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts.middleware import SESSION_KEY
from accounts.selectors import organisation_for


@login_required
@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """Work in another of one's organisations from the next page on."""
    try:
        key = UUID(request.POST.get("organisation", ""))
    except ValueError as error:
        raise Http404 from error
    organisation = organisation_for(request.user, key)  # type: ignore[arg-type]
    if organisation is None:
        raise Http404
    request.session[SESSION_KEY] = str(organisation.pk)
    return redirect("home")
