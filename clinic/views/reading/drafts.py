"""What is typed: kept as a draft before the commit, and as a change of mind after it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from clinic.models import Case
from clinic.selectors import visible_lesions
from clinic.services import keep_first_opinion, reconsider_read, save_read
from clinic.views.gate import MemberRequest, asks_as_script
from clinic.views.readers import for_readers_of_case
from clinic.views.reading.conflict import conflict_answer
from clinic.views.reading.desk import Desk
from clinic.views.reading.keeping import Save, keep_with
from clinic.views.reading.pages import desk_page, too_late


@require_POST
@for_readers_of_case
def read_save(request: MemberRequest, case: Case) -> HttpResponse:
    """Keep first opinions as drafts."""
    return _save(request, case, save_read)


@require_POST
@for_readers_of_case
def read_reconsider(request: MemberRequest, case: Case) -> HttpResponse:
    """Keep changes of mind, beside the first opinions, as drafts."""
    return _save(request, case, reconsider_read)


@require_POST
@for_readers_of_case
def read_keep_first(request: MemberRequest, case: Case, lesion: UUID) -> HttpResponse:
    """Take a change of mind back: the first opinion stands."""
    lesions = visible_lesions(request.user).filter(images__case=case).distinct()
    reading = keep_first_opinion(
        case=case, lesion=get_object_or_404(lesions, pk=lesion), reader=request.user
    )
    if asks_as_script(request):
        return JsonResponse({"state": reading.state})
    return redirect("case-review", key=case.pk)


def _save(request: MemberRequest, case: Case, save: Save) -> HttpResponse:
    """A script gets the time, the versions and what could not be kept; a form gets the desk."""
    desk = Desk(case, request.user, data=request.POST)
    kept = keep_with(desk, save)
    if kept.apart:
        return conflict_answer(
            request, case, kept.apart, versions=kept.versions, action=request.path
        )
    if kept.late is not None:
        if asks_as_script(request):
            raise kept.late
        return too_late(request, case, kept.late)
    errors = desk.errors()
    if asks_as_script(request):
        answer = {
            "saved_at": timezone.now().isoformat(),
            "versions": kept.versions,
            "errors": errors,
        }
        return JsonResponse(answer, status=422 if errors else 200)
    if errors:
        return desk_page(request, desk, status=422)
    messages.success(request, f"Your draft of {case.reference} is saved.")
    return redirect("case-review", key=case.pk)
