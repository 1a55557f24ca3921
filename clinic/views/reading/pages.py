"""The reading room's pages: the desk, and what a colleague signed beside the own draft."""

from django.http import HttpResponse
from django.shortcuts import render

from clinic.models import Case
from clinic.selectors import answer_reads, own_drafts
from clinic.views.gate import MemberRequest
from clinic.views.reading.desk import Desk

CHECK = "Nothing was signed or committed yet. Please check what is marked."


def desk_page(
    request: MemberRequest, desk: Desk, *, status: int = 200, sentence: str = ""
) -> HttpResponse:
    """The review screen in the shape that the desk has now."""
    if status == 422 and not sentence:
        sentence = CHECK
    context = {"desk": desk, "case": desk.case, "sentence": sentence}
    return render(request, "clinic/reading/review.html", context, status=status)


def both_opinions(
    request: MemberRequest, case: Case, *, sentence: str = "", status: int = 200
) -> HttpResponse:
    """What a colleague signed, beside the draft that came too late."""
    context = {
        "case": case,
        "sentence": sentence,
        "signed": answer_reads(request.user).filter(case=case).order_by("lesion__number"),
        "drafts": {read.lesion_id: read for read in own_drafts(request.user, case)},
    }
    return render(request, "clinic/reading/both_opinions.html", context, status=status)


def too_late(request: MemberRequest, case: Case, refusal: Exception) -> HttpResponse:
    """A colleague was faster, said on a page: they have the case, or have signed it."""
    case.refresh_from_db()
    if case.answer_id is not None:
        return both_opinions(request, case, sentence=str(refusal), status=409)
    return desk_page(request, Desk(case, request.user), status=409)
