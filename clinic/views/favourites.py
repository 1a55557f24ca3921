"""The page on which a reader chooses what the number keys stand for."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from accounts.errors import InvalidInput
from clinic.forms.favourites import FavouritesForm
from clinic.selectors import taxonomy
from clinic.selectors.favourites import favourites
from clinic.services.favourites import choose_favourites
from clinic.views.gate import MemberRequest
from clinic.views.readers import for_readers


@require_http_methods(["GET", "HEAD", "POST"])
@for_readers
def favourite_diagnoses(request: MemberRequest) -> HttpResponse:
    """Show and keep the nine keys; `usual` brings those back that everybody starts with."""
    tree = taxonomy()
    if request.method != "POST":
        form = FavouritesForm(taxonomy=tree, chosen=favourites(request.user, tree))
        return _page(request, form)
    if "usual" in request.POST:
        choose_favourites(reader=request.user, diagnoses={})
        messages.success(request, "Your number keys are the usual ones again.")
        return redirect(_back(request))
    form = FavouritesForm(request.POST, taxonomy=tree)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        choose_favourites(reader=request.user, diagnoses=form.diagnoses())
    except InvalidInput as refusal:
        form.add_error(refusal.field, str(refusal))
        return _page(request, form, status=422)
    messages.success(request, "Your number keys are saved.")
    return redirect(_back(request))


def _page(request: MemberRequest, form: FavouritesForm, *, status: int = 200) -> HttpResponse:
    context = {"form": form, "next": _back(request)}
    return render(request, "clinic/reading/favourites.html", context, status=status)


def _back(request: MemberRequest) -> str:
    """Where the reader came from, if it is an address of this site; else the worklist."""
    back = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(
        back, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return back if safe else resolve_url("worklist")
