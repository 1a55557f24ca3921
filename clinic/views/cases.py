"""Cases: the list, the start of one, and the page that a clinician comes back to."""

from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.keyset import keyset_page
from clinic.forms.cases import CaseFilterForm
from clinic.models import Case, CaseState, LesionImage, Read
from clinic.selectors import answer_reads, visible_cases, visible_patients
from clinic.selectors.case_history import case_history
from clinic.selectors.case_search import count_by_state, search_cases, untouched_draft, with_summary
from clinic.selectors.lesion_summaries import images_by_lesion
from clinic.services import start_case
from clinic.views.gate import MemberRequest, for_members, may_write

TABS = [("", "All"), *CaseState.choices]


@for_members
@require_safe
def case_list(request: MemberRequest) -> HttpResponse:
    """Cases of the organisation, newest first; the filters live in the address."""
    form = CaseFilterForm(request.GET)
    form.is_valid()  # A filter that cannot be read filters nothing.
    chosen = form.cleaned_data
    state = chosen.get("state", "")
    submitter = request.user if chosen.get("by") == "me" else None
    cases = search_cases(
        request.user,
        organisation=request.organisation,
        text=chosen.get("q", ""),
        submitter=submitter,
    )
    counts = count_by_state(cases)
    counts[""] = sum(counts.values())
    shown = with_summary(cases.filter(state=state) if state else cases)
    return render(
        request,
        "clinic/cases/list.html",
        {
            "form": form,
            "tabs": [
                {
                    "label": label,
                    "count": counts[value],
                    "url": _with(request.GET, state=value),
                    "active": value == state,
                }
                for value, label in TABS
            ],
            "count": counts[state],
            "count_word": "case" if counts[state] == 1 else "cases",
            "filtered": any(request.GET.get(name) for name in ("q", "by", "state")),
            "page": keyset_page(shown, order=["-created_at", "-id"], params=request.GET),
            "may_write": may_write(request.user, request.organisation.pk),
        },
    )


@for_members
@require_POST
def case_create(request: MemberRequest, key: UUID) -> HttpResponse:
    """Open a draft for a patient and go on in it: in the empty one that stands open already.

    Posting the same form twice opens one.
    """
    patient = get_object_or_404(visible_patients(request.user), pk=key)
    if case := untouched_draft(request.user, patient):
        return redirect("case-draft", case.pk)
    case = start_case(patient=patient, actor=request.user, key=_key(request))
    return redirect("case-draft", case.pk)


@for_members
@require_safe
def case_detail(request: MemberRequest, key: UUID) -> HttpResponse:
    """The signed answer, the images with the model's answers, and the history."""
    case = _case(request, key)
    writes = may_write(request.user, case.organisation_id)
    if case.state == CaseState.DRAFT and writes:
        return redirect("case-draft", key)
    return render(
        request,
        "clinic/cases/detail.html",
        {
            "case": case,
            "groups": images_by_lesion(_images(case)),
            "reads": _reads(request, case),
            "history": case_history(case),
            "may_write": writes,
        },
    )


@for_members
@require_safe
def case_print(request: MemberRequest, key: UUID) -> HttpResponse:
    """One page that a letter can carry."""
    case = _case(request, key)
    reads = _reads(request, case)
    images = list(case.images.select_related("lesion").order_by("lesion__number", "created_at"))
    return render(
        request,
        "clinic/cases/print.html",
        {
            "case": case,
            "reads": reads,
            "digest": case.answer.digest if reads and case.answer else "",
            # The sheet has room for six; it says how many more there are.
            "images": images[:6],
            "more_images": max(0, len(images) - 6),
            "image_count": len(images),
        },
    )


def _case(request: MemberRequest, key: UUID) -> Case:
    cases = visible_cases(request.user).select_related(
        "patient", "submitter", "organisation", "answer__reader"
    )
    return get_object_or_404(cases, pk=key)


def _images(case: Case) -> list[LesionImage]:
    """Oldest first, each knowing its case: the model's answers are looked up by it."""
    images = list(case.images.select_related("lesion").order_by("created_at", "id"))
    for image in images:
        image.case = case
    return images


def _reads(request: MemberRequest, case: Case) -> list[Read]:
    return list(answer_reads(request.user).filter(case=case).order_by("lesion__number"))


def _key(request: MemberRequest) -> UUID | None:
    try:
        return UUID(request.POST.get("key", ""))
    except ValueError:
        return None


def _with(params: QueryDict, **changes: str) -> str:
    """The same filters with one changed, from the first page."""
    query = params.copy()
    query.pop("page", None)
    for name, value in changes.items():
        query.pop(name, None)
        if value:
            query[name] = value
    return f"?{query.urlencode()}"
