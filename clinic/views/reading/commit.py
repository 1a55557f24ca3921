"""The commit, and what is shown after it."""

from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from clinic.models import Case
from clinic.services import (
    CaseTaken,
    DraftConflict,
    IncompleteRead,
    TooLate,
    commit_reading,
    reveal_opinion,
)
from clinic.views.gate import MemberRequest, asks_as_script
from clinic.views.readers import for_readers_of_case
from clinic.views.reading.assignment import active_seconds
from clinic.views.reading.conflict import conflict_answer
from clinic.views.reading.counting import count_time
from clinic.views.reading.desk import Desk, Shape
from clinic.views.reading.keeping import keep_opinions
from clinic.views.reading.pages import desk_page, too_late
from clinic.views.reading.review import suggestion


@never_cache
@require_POST
@for_readers_of_case
def case_commit(request: MemberRequest, case: Case) -> HttpResponse:
    """Make the first opinion on every lesion final and show the model's; the desk again after."""
    desk = Desk(case, request.user, data=request.POST)
    if desk.shape == Shape.COMMIT:
        refused = _commit(request, desk)
        if refused is not None:
            return refused
    reading = reveal_opinion(case=case, reader=request.user)
    if asks_as_script(request):
        return JsonResponse({"state": reading.state})
    return redirect("case-review", key=case.pk)


@never_cache
@require_POST
@for_readers_of_case
def case_reveal(request: MemberRequest, case: Case) -> HttpResponse:
    """Show the model's answer as it is now, and record it; one lesion's for a script that asks."""
    reveal_opinion(case=case, reader=request.user)
    lesion = _lesion(request)
    if request.htmx and lesion is not None:
        return suggestion(request, Desk(case, request.user), lesion, show=True)
    return redirect("case-review", key=case.pk)


def _lesion(request: MemberRequest) -> UUID | None:
    """The lesion that is asked for; what is no key counts as not given."""
    try:
        return UUID(request.POST.get("lesion", ""))
    except ValueError:
        return None


def _commit(request: MemberRequest, desk: Desk) -> HttpResponse | None:
    if desk.errors():
        keep_opinions(desk)
        return incomplete(request, desk)
    count_time(case=desk.case, reader=desk.reader, seconds=active_seconds(request))
    try:
        commit_reading(case=desk.case, reader=desk.reader, opinions=desk.opinions())
    except IncompleteRead as missing:
        desk.mark(missing)
        return incomplete(request, desk)
    except DraftConflict:
        kept = keep_opinions(desk)
        action = reverse("read-save", args=[desk.case.pk])
        return conflict_answer(
            request, desk.case, kept.apart, versions=kept.versions, action=action
        )
    except (CaseTaken, TooLate) as late:
        if asks_as_script(request):
            raise
        return too_late(request, desk.case, late)
    return None


def incomplete(request: MemberRequest, desk: Desk) -> HttpResponse:
    """422: the desk with what is marked, or for a script the sentences by field."""
    if not asks_as_script(request):
        return desk_page(request, desk, status=422)
    marked = {key: said for place in desk.places for key, said in place.form.refusals().items()}
    return JsonResponse({"errors": marked}, status=422)
