"""Whose desk the case lies on, as the page's script says it: taken, kept, given back."""

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from clinic.models import Case, Reading
from clinic.services import assign_case, keep_lock, release_case
from clinic.views.gate import MemberRequest, asks_as_script
from clinic.views.readers import for_readers_of_case
from clinic.views.reading.desk import Desk


@require_POST
@for_readers_of_case
def case_assign(request: MemberRequest, case: Case) -> HttpResponse:
    """Put the case on the reader's desk; 409 with who has it where a colleague was faster."""
    return _held(request, case, assign_case(case=case, reader=request.user))


@require_POST
@for_readers_of_case
def case_lock(request: MemberRequest, case: Case) -> HttpResponse:
    """The page is still in front of the reader, who was at it for `active_seconds` since."""
    seconds = active_seconds(request)
    return _held(request, case, keep_lock(case=case, reader=request.user, active_seconds=seconds))


@require_POST
@for_readers_of_case
def case_release(request: MemberRequest, case: Case) -> HttpResponse:
    """Give an untouched case back; one with something written on it stays on the desk."""
    if not Desk(case, request.user).is_written_on:
        release_case(case=case, reader=request.user)
    if asks_as_script(request):
        return JsonResponse({})
    return redirect("worklist")


def active_seconds(request: MemberRequest) -> int:
    """What the script counted; nothing where it makes no sense."""
    said = request.POST.get("active_seconds", "")
    return int(said) if said.isdecimal() and len(said) < 6 else 0


def _held(request: MemberRequest, case: Case, reading: Reading) -> HttpResponse:
    if not asks_as_script(request):
        return redirect("case-review", key=case.pk)
    until = reading.lock_expires_at
    return JsonResponse(
        {
            "reading": str(reading.pk),
            "state": reading.state,
            "until": until.isoformat() if until else None,
        }
    )
