"""Asking for the proof that a signature needs: by the dialog's script, or by a page without one."""

import json
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.api.problems import MEDIA_TYPE, problem
from accounts.errors import DomainError
from accounts.forms.signing import SigningPasswordForm
from accounts.models import User
from accounts.selectors.passkeys import own_passkeys
from accounts.services import (
    current_signing_proof,
    prove_with_passkey,
    prove_with_password,
    start_passkey_proof,
)

SIGNED_OUT = "Your session has ended. Sign in in a new tab, then try again: nothing here is lost."
View = Callable[[HttpRequest], HttpResponse]


def signing_address(back: str) -> str:
    """Where a plain form sends somebody who has to prove first; `back` is where they go on."""
    return f"{reverse('signing')}?{urlencode({'next': back})}"


def for_whoever_signs(view: View) -> View:
    """Signed-in people. A script hears each refusal as a problem document, a form on the page."""

    @wraps(view)
    def gate(request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            if _asks_as_script(request):
                return _problem(401, SIGNED_OUT, code="signed_out")
            return redirect_to_login(signing_address(_back(request)))
        try:
            return view(request)
        except DomainError as refusal:
            if _asks_as_script(request):
                return _problem(refusal.status, str(refusal), code=refusal.code)
            return _page(request, sentence=str(refusal), status=refusal.status)

    return gate


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@for_whoever_signs
def signing(request: HttpRequest) -> HttpResponse:
    """Say whether there is a proof, ask for one, and take a password."""
    if request.method == "POST":
        prove_with_password(request=request, password=request.POST.get("password", ""))
        return _proved(request)
    if _asks_as_script(request):
        return JsonResponse(_state(request))
    # Back from proving in another tab, or by the browser's history: nothing is left to ask.
    if request.GET.get("next") and current_signing_proof(request=request):
        return redirect(_back(request))
    return _page(request)


@never_cache
@require_POST
@for_whoever_signs
def passkey_options(request: HttpRequest) -> HttpResponse:
    """A challenge for the person's passkeys; only a script can use it."""
    return JsonResponse({"request_options": start_passkey_proof(request=request)})


@never_cache
@require_POST
@for_whoever_signs
def passkey(request: HttpRequest) -> HttpResponse:
    """Take the passkey's answer, JSON in the field `credential`."""
    try:
        credential = json.loads(request.POST.get("credential", ""))
    except ValueError:
        credential = None
    prove_with_passkey(request=request, credential=credential)
    return _proved(request)


def _proved(request: HttpRequest) -> HttpResponse:
    if _asks_as_script(request):
        return JsonResponse(_state(request))
    return redirect(_back(request))


def _state(request: HttpRequest) -> dict[str, Any]:
    """What the dialog needs. `seconds` is how long a proof lasts; 0: one signature."""
    proof = current_signing_proof(request=request)
    user = cast("User", request.user)
    return {
        "proved": proof is not None,
        "until": proof.until.isoformat() if proof else None,
        "seconds": settings.SIGNING_PROOF_SECONDS,
        "password": user.has_usable_password(),
        "passkeys": own_passkeys(user).exists(),
    }


def _page(request: HttpRequest, *, sentence: str = "", status: int = 200) -> HttpResponse:
    form = SigningPasswordForm(request.POST if sentence and "password" in request.POST else None)
    if form.is_bound and form.is_valid():
        form.add_error("password", sentence)
        sentence = ""
    elif form.is_bound:
        sentence = ""
    context = {
        "form": form,
        "sentence": sentence,
        "next": _back(request),
        "state": _state(request),
        "minutes": settings.SIGNING_PROOF_SECONDS // 60,
    }
    # 422 as everywhere else where a form comes back; 429 stays what it is.
    code = HTTPStatus.UNPROCESSABLE_ENTITY if status == HTTPStatus.BAD_REQUEST else status
    return render(request, "accounts/signing.html", context, status=code)


def _back(request: HttpRequest) -> str:
    """Where to go on: an address of this site, or the start page."""
    back = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(
        back, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return back if safe else resolve_url("home")


def _asks_as_script(request: HttpRequest) -> bool:
    return not request.accepts("text/html")


def _problem(status: int, sentence: str, *, code: str) -> JsonResponse:
    return JsonResponse(
        problem(status, detail=sentence, code=code), status=status, content_type=MEDIA_TYPE
    )
