"""The signature, and the way on to the next case."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.errors import Conflict
from accounts.services import (
    SigningProof,
    SigningProofRequired,
    current_signing_proof,
    spend_signing_proof,
)
from accounts.views.signing import signing_address
from clinic.models import CLOSED_STATES, Case, ReadingState
from clinic.selectors import own_drafts
from clinic.services import (
    CaseTaken,
    DraftConflict,
    IncompleteRead,
    TooLate,
    assign_next,
    sign_reading,
)
from clinic.services.reading.missing import find_missing, lesions_to_read
from clinic.views.gate import MemberRequest, asks_as_script
from clinic.views.readers import for_readers_of_case
from clinic.views.reading.assignment import active_seconds
from clinic.views.reading.commit import incomplete
from clinic.views.reading.conflict import conflict_answer
from clinic.views.reading.counting import count_time
from clinic.views.reading.desk import Desk, Shape
from clinic.views.reading.keeping import Kept, keep_opinions
from clinic.views.reading.pages import too_late
from clinic.views.reading.review import NOT_COMMITTED
from clinic.views.reading_order import order_in_use


@never_cache
@require_POST
@for_readers_of_case
def case_sign(request: MemberRequest, case: Case) -> HttpResponse:
    """Sign the reading, then open the next case (`then=next`) or the worklist.

    What is typed is kept before anything is asked, so that no refusal takes it.
    """
    desk = Desk(case, request.user, data=request.POST)
    if desk.reading is not None and desk.reading.state == ReadingState.SIGNED:
        return _go_on(request, case)  # clicked twice
    if desk.shape == Shape.COMMIT:
        raise Conflict(NOT_COMMITTED, code="not_committed")
    try:
        return _keep_and_sign(request, desk)
    except IncompleteRead as missing:
        desk.mark(missing)
        return incomplete(request, desk)
    except (CaseTaken, TooLate) as late:
        if asks_as_script(request):
            raise
        return too_late(request, case, late)


def _keep_and_sign(request: MemberRequest, desk: Desk) -> HttpResponse:
    kept = keep_opinions(desk)
    if desk.errors():
        return incomplete(request, desk)
    if kept.apart or kept.late:
        return _apart(request, desk, kept)
    if desk.shape == Shape.SIGN:
        _require_complete(desk)
    proof = current_signing_proof(request=request)
    if proof is None:
        return _ask_for_proof(request, desk.case)
    if _is_unseen(request, desk):
        return _ask_first(request, desk)
    return _sign(request, desk, proof, kept)


def _sign(request: MemberRequest, desk: Desk, proof: SigningProof, kept: Kept) -> HttpResponse:
    count_time(case=desk.case, reader=desk.reader, seconds=active_seconds(request))
    try:
        reading = sign_reading(
            case=desk.case,
            reader=desk.reader,
            proof=proof,
            opinions=_as_seen(desk, kept) if desk.shape == Shape.SIGN else None,
        )
    except DraftConflict:
        return _apart(request, desk, keep_opinions(desk))
    spend_signing_proof(request=request)
    case = reading.case
    lesions = "1 lesion" if len(desk.places) == 1 else f"{len(desk.places)} lesions"
    closed = " and closed" if case.state in CLOSED_STATES else ""
    messages.success(request, f"{case.reference} is signed{closed}: {lesions}.")
    return _go_on(request, case)


def _as_seen(desk: Desk, kept: Kept) -> dict[UUID, dict[str, Any]]:
    """What stood in the fields, so that nothing else is signed should another window write now."""
    return {
        place.lesion.pk: place.form.opinion() | {"version": kept.versions[str(place.lesion.pk)]}
        for place in desk.sent()
    }


def _apart(request: MemberRequest, desk: Desk, kept: Kept) -> HttpResponse:
    if not kept.apart and kept.late is not None:
        raise kept.late
    name = "read-reconsider" if desk.shape == Shape.DECIDE else "read-save"
    action = reverse(name, args=[desk.case.pk])
    return conflict_answer(request, desk.case, kept.apart, versions=kept.versions, action=action)


def _require_complete(desk: Desk) -> None:
    """In one step nothing was committed before: what lacks is said before anybody proves."""
    drafts = {read.lesion_id: read for read in own_drafts(desk.reader, desk.case)}
    missing = find_missing(lesions_to_read(desk.case), drafts)
    if missing is not None:
        raise missing


def _ask_for_proof(request: MemberRequest, case: Case) -> HttpResponse:
    if asks_as_script(request):
        raise SigningProofRequired
    return redirect(signing_address(reverse("case-review", args=[case.pk])))


def _is_unseen(request: MemberRequest, desk: Desk) -> bool:
    """Without its script the one-step desk has no summary beside the button."""
    is_plain = not asks_as_script(request)
    return desk.shape == Shape.SIGN and is_plain and "seen" not in request.POST


def _ask_first(request: MemberRequest, desk: Desk) -> HttpResponse:
    context = {
        "case": desk.case,
        "reads": own_drafts(desk.reader, desk.case),
        "then": "next" if request.POST.get("then") == "next" else "close",
    }
    return render(request, "clinic/reading/sign.html", context)


def _go_on(request: MemberRequest, case: Case) -> HttpResponse:
    """The next case of the organisation that was read in, on the reader's desk."""
    address = reverse("worklist")
    if request.POST.get("then") == "next":
        following = assign_next(
            reader=request.user, organisation=case.organisation, by=order_in_use(request)
        )
        if following is not None:
            address = reverse("case-review", args=[following.case_id])
    if asks_as_script(request):
        return JsonResponse({"url": address})
    return redirect(address)
