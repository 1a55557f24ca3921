"""A draft on its way: what is typed saves itself, then it is submitted or cancelled."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.errors import InvalidInput
from accounts.services import require_role
from clinic.forms.cases import CancelCaseForm, CaseDraftForm
from clinic.forms.lesions import LesionForm
from clinic.imaging import DEFAULT_LIMITS
from clinic.models import Case, CaseState, ImageKind
from clinic.roles import SUBMITTERS
from clinic.selectors import visible_cases, visible_images
from clinic.selectors.lesion_summaries import LesionSummary, lesion_summaries
from clinic.services import amend_case, cancel_case, submit_case
from clinic.views.gate import MemberRequest, asks_as_script, for_members, may_write
from clinic.views.upload_handler import TOO_LARGE


@for_members
@require_http_methods(["GET", "HEAD", "POST"])
def case_draft(request: MemberRequest, key: UUID) -> HttpResponse:
    """The page of a draft; a post saves question and priority."""
    case = _case(request, key)
    if request.method == "POST":
        return _save(request, case)
    if case.state != CaseState.DRAFT or not may_write(request.user, case.organisation_id):
        if case.state == CaseState.DRAFT:
            require_role(request.user, case.organisation_id, *SUBMITTERS)
        return redirect("case-detail", key)
    return draft_page(request, case, CaseDraftForm.of(case))


@for_members
@require_http_methods(["GET", "HEAD", "POST"])
def case_submit(request: MemberRequest, key: UUID) -> HttpResponse:
    """Save what is typed and hand the case to the readers; twice is the same as once.

    A refused case is shown at this address, so a reload or a sign-in may ask for it: the draft.
    """
    case = _case(request, key)
    if request.method != "POST":
        return redirect("case-draft", key)
    form = CaseDraftForm.of(case, request.POST)
    if case.state == CaseState.DRAFT and "priority" in request.POST:
        if not form.is_valid():
            return draft_page(request, case, form, status=400)
        amend_case(case=case, actor=request.user, **form.cleaned_data)
    already = case.state == CaseState.SUBMITTED
    try:
        case = submit_case(case=case, actor=request.user)
    except InvalidInput as refusal:
        form = CaseDraftForm.of(_case(request, key))
        return draft_page(request, case, form, status=refusal.status, refusal=str(refusal))
    if not already:
        messages.success(request, f"{case.reference} is submitted and waits for a read.")
    return redirect("case-detail", key)


@for_members
@require_http_methods(["GET", "HEAD", "POST"])
def case_cancel(request: MemberRequest, key: UUID) -> HttpResponse:
    """Withdraw a case, with a reason."""
    case = _case(request, key)
    require_role(request.user, case.organisation_id, *SUBMITTERS)
    form = CancelCaseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        cancel_case(case=case, actor=request.user, reason=form.cleaned_data["reason"])
        messages.success(request, f"{case.reference} is cancelled.")
        return redirect("case-detail", key)
    name = "case-draft" if case.state == CaseState.DRAFT else "case-detail"
    context = {
        "title": f"Cancel {case.reference}",
        "sentence": "Nobody will read this case any more.",
        "consequences": [
            "Its images and lesions stay in the patient's record.",
            "A cancelled case cannot be opened again; start a new one instead.",
        ],
        "action_label": "Cancel the case",
        "cancel_url": reverse(name, args=[key]),
        "danger": True,
        "form": form,
    }
    status = 400 if form.is_bound else 200
    return render(request, "components/confirm.html", context, status=status)


def draft_page(
    request: MemberRequest,
    case: Case,
    form: CaseDraftForm,
    *,
    status: int = 200,
    refusal: str = "",
) -> HttpResponse:
    """The three parts of a draft. Lesions with images in it stand open, earlier ones fold."""
    summaries = lesion_summaries(request.user, case.patient)
    images = visible_images(request.user).filter(case=case).order_by("created_at", "id")
    by_lesion: dict[UUID, list] = {}
    for image in images:
        by_lesion.setdefault(image.lesion_id, []).append(image)
    cards = [(summary, by_lesion.get(summary.lesion.pk, [])) for summary in summaries]
    earlier = [card for card in cards if _is_earlier(*card, case=case)]
    context = {
        "case": case,
        "patient": case.patient,
        "form": form,
        "lesion_form": LesionForm.fresh(),
        "lesions": [summary.lesion for summary in summaries],
        "cards": [card for card in cards if card not in earlier],
        "earlier": earlier,
        "image_count": sum(len(images) for images in by_lesion.values()),
        "kinds": ImageKind.choices,
        "refusal": refusal,
        "max_bytes": DEFAULT_LIMITS.max_bytes,
        "too_large": TOO_LARGE,
    }
    return render(request, "clinic/cases/draft.html", context, status=status)


def _is_earlier(summary: LesionSummary, images: list, *, case: Case) -> bool:
    """Marked before this draft, and without an image in it."""
    return not images and summary.lesion.created_at < case.created_at


def _save(request: MemberRequest, case: Case) -> HttpResponse:
    form = CaseDraftForm.of(case, request.POST)
    if not form.is_valid():
        sentence = " ".join(str(error) for errors in form.errors.values() for error in errors)
        if asks_as_script(request):
            raise InvalidInput(sentence)
        return draft_page(request, case, form, status=400)
    amend_case(case=case, actor=request.user, **form.cleaned_data)
    now = timezone.localtime()
    if asks_as_script(request):
        return JsonResponse({"saved_at": now.strftime("%H:%M:%S")})
    messages.success(request, f"Draft saved {now:%H:%M:%S}.")
    return redirect("case-draft", case.pk)


def _case(request: MemberRequest, key: UUID) -> Case:
    return get_object_or_404(visible_cases(request.user).select_related("patient"), pk=key)
