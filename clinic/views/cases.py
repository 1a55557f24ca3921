"""Cases: the list, the start of one, and the page that a clinician comes back to."""

from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.keyset import keyset_page
from accounts.selectors import has_role
from clinic.forms.cases import CaseFilterForm
from clinic.models import CLOSED_STATES, WAITING_STATES, Case, CaseState, LesionImage, ReadingState
from clinic.roles import READERS
from clinic.selectors import (
    may_see_model,
    own_reading,
    visible_cases,
    visible_patients,
)
from clinic.selectors.blindness import may_see_readings
from clinic.selectors.case_answers import case_answer
from clinic.selectors.case_history import case_history
from clinic.selectors.case_search import (
    count_by_state,
    count_of,
    search_cases,
    state_groups,
    untouched_draft,
    with_summary,
)
from clinic.selectors.lesion_summaries import images_by_lesion
from clinic.selectors.signatures import is_intact
from clinic.selectors.verdicts import case_verdicts
from clinic.services import mark_news_read, start_case
from clinic.standing import standing_of
from clinic.views.gate import MemberRequest, for_members, may_write


@for_members
@require_safe
def case_list(request: MemberRequest) -> HttpResponse:
    """Cases of the organisation, newest first; the filters live in the address."""
    form = CaseFilterForm(request.GET)
    form.is_valid()  # A filter that cannot be read filters nothing.
    chosen = form.cleaned_data
    groups = state_groups(request.user, request.organisation)
    group = next((group for group in groups if group.value == chosen.get("state")), None)
    cases = search_cases(
        request.user,
        organisation=request.organisation,
        text=chosen.get("q", ""),
        submitter=request.user if chosen.get("by") == "me" else None,
    )
    counts = count_by_state(cases)
    count = count_of(group, counts) if group else sum(counts.values())
    tabs = [("", "All", sum(counts.values()))]
    tabs += [(one.value, one.label, count_of(one, counts)) for one in groups]
    shown = with_summary(cases.filter(state__in=group.states) if group else cases)
    return render(
        request,
        "clinic/cases/list.html",
        {
            "form": form,
            "tabs": [
                {
                    "label": label,
                    "count": number,
                    "url": _with(request.GET, state=value),
                    "active": value == (group.value if group else ""),
                }
                for value, label, number in tabs
            ],
            "count": count,
            "count_word": "case" if count == 1 else "cases",
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
    user = request.user
    writes = may_write(user, case.organisation_id)
    if case.state == CaseState.DRAFT and writes:
        return redirect("case-draft", key)
    if request.method == "GET":
        mark_news_read(recipient=user, case=case)
    answer = case_answer(user, case)
    reads_here = has_role(user, case.organisation_id, *READERS)
    own = own_reading(user, case) if reads_here and case.state in WAITING_STATES else None
    sealed = reads_here and not may_see_readings(user, case)
    return render(
        request,
        "clinic/cases/detail.html",
        {
            "case": case,
            "standing": standing_of(case.state, sealed=sealed),
            "answer": answer,
            "verdicts": case_verdicts(user, case, signed=answer.signed if answer else None),
            "groups": images_by_lesion(_images(case)),
            "history": case_history(user, case),
            "sees_model": not reads_here or may_see_model(user, case),
            "may_write": writes,
            "may_cancel": writes and case.state in WAITING_STATES,
            "may_read": reads_here
            and case.state in WAITING_STATES
            and not (own and own.state == ReadingState.SIGNED),
            "may_amend": reads_here and case.state in CLOSED_STATES,
        },
    )


@for_members
@require_safe
def case_print(request: MemberRequest, key: UUID) -> HttpResponse:
    """One page that a letter can carry. What is printed is compared with its digest first."""
    case = _case(request, key)
    answer = case_answer(request.user, case)
    images = list(case.images.select_related("lesion").order_by("lesion__number", "created_at"))
    return render(
        request,
        "clinic/cases/print.html",
        {
            "case": case,
            "answer": answer,
            "verdicts": case_verdicts(request.user, case, signed=answer.signed if answer else None),
            "is_intact": answer is None or is_intact(answer.reading),
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
