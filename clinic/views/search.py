"""One search over patients and cases."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clinic.selectors import search_patients
from clinic.selectors.case_search import search_cases, with_summary
from clinic.views.gate import MemberRequest, for_members

ROWS = 8


@for_members
@require_safe
def search(request: MemberRequest) -> HttpResponse:
    """The first matches of each; the lists show the rest."""
    text = request.GET.get("q", "").strip()[:100]
    context: dict[str, Any] = {"text": text}
    if text:
        organisation = request.organisation
        patients = search_patients(request.user, organisation=organisation, text=text)
        cases = search_cases(request.user, organisation=organisation, text=text)
        context |= {
            "patients": patients[:ROWS],
            "patient_count": patients.order_by().count(),
            "cases": with_summary(cases)[:ROWS],
            "case_count": cases.order_by().count(),
        }
    return render(request, "clinic/search.html", context)
