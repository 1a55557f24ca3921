"""One's own account: name, roles, password, and with what one signs in and signs."""

from typing import cast

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.selectors.passkeys import sign_in_methods


@never_cache
@require_safe
@login_required
def account(request: HttpRequest) -> HttpResponse:
    """Show everything on one page."""
    user = cast("User", request.user)
    context = {
        "methods": sign_in_methods(user),
        "memberships": user.current_memberships,
        "signing_minutes": settings.SIGNING_PROOF_SECONDS // 60,
    }
    return render(request, "accounts/account.html", context)


def to_account(request: HttpRequest) -> HttpResponse:
    """Lead to the account page what django-allauth has pages of its own for."""
    return redirect("account")
