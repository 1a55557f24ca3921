"""The desk for a case, and the model's part of it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.errors import Conflict
from clinic.models import CLOSED_STATES, WAITING_STATES, Case, CaseState, ReadingState
from clinic.selectors import own_drafts, visible_lesions
from clinic.views.gate import MemberRequest
from clinic.views.readers import for_readers_of_case
from clinic.views.reading.desk import Desk, Shape
from clinic.views.reading.pages import both_opinions, desk_page

NOT_COMMITTED = "Commit your own opinion first: the model's answer is shown after it."


@never_cache
@require_safe
@for_readers_of_case
def case_review(request: MemberRequest, case: Case) -> HttpResponse:
    """The desk for a case that waits; what came of it where it no longer does.

    Looking takes nothing: the page's script, or the first saving, puts the case on the desk.
    """
    if case.state == CaseState.DRAFT:
        msg = f"{case.reference} is still a draft. It can be read once it is submitted."
        raise Conflict(msg, code="case_state")
    if case.state in CLOSED_STATES and own_drafts(request.user, case).exists():
        return both_opinions(request, case)
    if case.state not in WAITING_STATES:
        return redirect("case-detail", key=case.pk)
    desk = Desk(case, request.user, chosen_image=request.GET.get("image", ""))
    if desk.reading is not None and desk.reading.state == ReadingState.SIGNED:
        messages.info(
            request,
            f"You have signed your read of {case.reference}. The next step is a colleague's.",
        )
        return redirect("case-detail", key=case.pk)
    return desk_page(request, desk)


@never_cache
@require_safe
@for_readers_of_case
def model_suggestion(request: MemberRequest, case: Case, lesion: UUID) -> HttpResponse:
    """What the model says on one lesion, for a desk that was opened before the answer came.

    An answer that has just come is announced in one line: nothing on the desk moves by itself.
    After a blind read it is shown by `case_reveal` alone, which records that it was.
    """
    desk = Desk(case, request.user)
    if desk.shape == Shape.COMMIT:
        raise Conflict(NOT_COMMITTED, code="not_committed")
    return suggestion(request, desk, lesion, show="show" in request.GET)


def suggestion(request: MemberRequest, desk: Desk, lesion: UUID, *, show: bool) -> HttpResponse:
    """One lesion's fragment: announced, or shown where that may be and was asked for."""
    lesions = visible_lesions(request.user).filter(images__case=desk.case)
    found = get_object_or_404(lesions.distinct(), pk=lesion)
    is_shown = desk.reading is not None and str(found.pk) in desk.reading.model_opinion
    context = {
        "desk": desk,
        "case": desk.case,
        "lesion": found,
        "classes": desk.classes,
        "announce": not (is_shown or (show and desk.shape == Shape.SIGN)),
    }
    return render(request, "clinic/reading/suggestion.html", context)
