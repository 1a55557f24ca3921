"""The review screen: look, decide lesion by lesion, sign."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.errors import Conflict, DomainError
from clinic.models import WAITING_STATES, Case, CaseState
from clinic.selectors import answer_reads, own_drafts, taxonomy, visible_lesions
from clinic.services import (
    CaseTaken,
    IncompleteRead,
    TooLate,
    commit_reading,
    reveal_opinion,
    save_read,
    sign_reading,
)
from clinic.services.reading.missing import find_missing, lesions_to_read
from clinic.views.gate import MemberRequest, asks_as_script
from clinic.views.readers import for_readers_of_case
from clinic.views.reading_desk import Desk

CHECK = "Nothing was signed yet. Please check what is marked."


@never_cache
@require_safe
@for_readers_of_case
def case_review(request: MemberRequest, case: Case) -> HttpResponse:
    """The desk for a case that waits; what came of it where it no longer does."""
    if case.state == CaseState.DRAFT:
        msg = f"{case.reference} is still a draft. It can be read once it is submitted."
        raise Conflict(msg, code="case_state")
    if case.state == CaseState.FINAL and own_drafts(request.user, case).exists():
        return _both_opinions(request, case, sentence="", status=200)
    if case.state not in WAITING_STATES:
        return redirect("case-detail", key=case.pk)
    return _desk_page(request, Desk(case, request.user, chosen_image=request.GET.get("image", "")))


@never_cache
@require_safe
@for_readers_of_case
def model_suggestion(request: MemberRequest, case: Case, lesion: UUID) -> HttpResponse:
    """What the model says on one lesion, for a desk that was opened before the answer came.

    An answer that has just come is announced in one line: nothing on the desk moves by itself.
    """
    lesions = visible_lesions(request.user).filter(images__case=case)
    context = {
        "case": case,
        "lesion": get_object_or_404(lesions.distinct(), pk=lesion),
        "classes": taxonomy().by_class,
        "announce": "show" not in request.GET,
    }
    return render(request, "clinic/reading/suggestion.html", context)


@require_POST
@for_readers_of_case
def read_save(request: MemberRequest, case: Case) -> HttpResponse:
    """Keep drafts. A script gets the time and what could not be kept; a form gets the desk back."""
    desk = Desk(case, request.user, data=request.POST)
    try:
        _keep(desk)
    except (CaseTaken, TooLate) as late:
        if asks_as_script(request):
            raise
        return _both_opinions(request, case, sentence=str(late), status=409)
    errors = desk.errors()
    if asks_as_script(request):
        answer = {"saved_at": timezone.now().isoformat(), "errors": errors}
        return JsonResponse(answer, status=422 if errors else 200)
    if errors:
        return _desk_page(request, desk, status=422)
    messages.success(request, f"Your draft of {case.reference} is saved.")
    return redirect("case-review", key=case.pk)


@require_POST
@for_readers_of_case
def case_sign(request: MemberRequest, case: Case) -> HttpResponse:
    """Sign every lesion's read and close the case, then open the next or the worklist.

    The desk shows what will be signed beside the button. Without its script a page between
    says it, so nobody signs unseen.
    """
    desk = Desk(case, request.user, data=request.POST)
    try:
        if desk.errors():
            _keep(desk)
            return _desk_page(request, desk, status=422)
        if "seen" not in request.POST and case.state in WAITING_STATES:
            return _ask_first(request, desk)
        commit_reading(case=case, reader=desk.reader, opinions=desk.opinions())
        reveal_opinion(case=case, reader=desk.reader)
        reads = list(sign_reading(case=case, reader=desk.reader).reads.all())
    except IncompleteRead as missing:
        desk.mark(missing)
        return _desk_page(request, desk, status=422)
    except (CaseTaken, TooLate) as late:
        return _both_opinions(request, case, sentence=str(late), status=409)
    lesions = "1 lesion" if len(reads) == 1 else f"{len(reads)} lesions"
    messages.success(request, f"{case.reference} is signed and closed: {lesions}.")
    return redirect("worklist-next" if request.POST.get("then") == "next" else "worklist")


def _keep(desk: Desk) -> None:
    """Keep every lesion's draft, also where a colleague was faster: that is said at the end."""
    late: DomainError | None = None
    for lesion, opinion in desk.changed_opinions():
        try:
            save_read(case=desk.case, lesion=lesion, reader=desk.reader, **opinion)
        except (CaseTaken, TooLate) as refusal:
            late = refusal
    if late is not None:
        raise late


def _ask_first(request: MemberRequest, desk: Desk) -> HttpResponse:
    _keep(desk)
    if (
        missing := find_missing(
            lesions_to_read(desk.case), {r.lesion_id: r for r in own_drafts(desk.reader, desk.case)}
        )
    ) is not None:
        raise missing
    drafts = own_drafts(desk.reader, desk.case)
    context = {
        "case": desk.case,
        "reads": drafts,
        "then": "next" if request.POST.get("then") == "next" else "close",
    }
    return render(request, "clinic/reading/sign.html", context)


def _desk_page(request: MemberRequest, desk: Desk, *, status: int = 200) -> HttpResponse:
    context = {"desk": desk, "case": desk.case, "sentence": CHECK if status == 422 else ""}
    return render(request, "clinic/reading/review.html", context, status=status)


def _both_opinions(
    request: MemberRequest, case: Case, *, sentence: str, status: int
) -> HttpResponse:
    """What a colleague signed, beside the draft that came too late."""
    context = {
        "case": case,
        "sentence": sentence,
        "signed": answer_reads(request.user).filter(case=case).order_by("lesion__number"),
        "drafts": {read.lesion_id: read for read in own_drafts(request.user, case)},
    }
    return render(request, "clinic/reading/both_opinions.html", context, status=status)
