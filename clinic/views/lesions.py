"""Marking a lesion on the body map, and correcting its place."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.services import require_role
from clinic.forms.lesions import LesionForm
from clinic.models import Case, CaseState, Patient
from clinic.roles import SUBMITTERS
from clinic.selectors import visible_cases, visible_lesions, visible_patients
from clinic.services import amend_lesion, register_lesion
from clinic.views.gate import MemberRequest, asks_as_script, for_members


@for_members
@require_POST
def lesion_create(request: MemberRequest, key: UUID) -> HttpResponse:
    """Mark a lesion from a draft (`case`). The script gets the map and the new lesion's card."""
    patient = get_object_or_404(visible_patients(request.user), pk=key)
    require_role(request.user, patient.organisation_id, *SUBMITTERS)
    case = _draft_of(request, patient)
    form = LesionForm(request.POST)
    if not form.is_valid():
        context = {"case": case, "patient": patient, "lesion_form": form}
        context["lesions"] = list(visible_lesions(request.user).filter(patient=patient))
        template = "mark_lesion.html" if asks_as_script(request) else "mark_lesion_page.html"
        return render(request, f"clinic/cases/{template}", context, status=422)
    lesion = register_lesion(
        patient=patient,
        actor=request.user,
        key=form.cleaned_data["key"],
        **form.recorded(),
    )
    if not asks_as_script(request):
        return redirect(f"{reverse('case-draft', args=[case.pk])}#lesion-{lesion.pk}")
    context = {
        "case": case,
        "patient": patient,
        "lesion_form": LesionForm.fresh(),
        "lesions": list(visible_lesions(request.user).filter(patient=patient)),
        "marked": lesion,
    }
    return render(request, "clinic/cases/lesion_marked.html", context)


@for_members
@require_http_methods(["GET", "HEAD", "POST"])
def lesion_edit(request: MemberRequest, key: UUID) -> HttpResponse:
    """Correct where a lesion is, or its history."""
    lesion = get_object_or_404(visible_lesions(request.user).select_related("patient"), pk=key)
    require_role(request.user, lesion.patient.organisation_id, *SUBMITTERS)
    form = LesionForm(request.POST or None, lesion=lesion)
    if request.method == "POST" and form.is_valid():
        amend_lesion(lesion=lesion, actor=request.user, **form.recorded())
        messages.success(request, f"Lesion {lesion.number} is corrected.")
        return redirect("patient-detail", lesion.patient_id)
    others = list(visible_lesions(request.user).filter(patient=lesion.patient).exclude(pk=key))
    context = {
        "lesion": lesion,
        "patient": lesion.patient,
        "lesion_form": form,
        "lesions": others,
    }
    status = 400 if form.is_bound else 200
    return render(request, "clinic/patients/lesion_form.html", context, status=status)


def _draft_of(request: MemberRequest, patient: Patient) -> Case:
    try:
        key = UUID(request.POST.get("case", ""))
    except ValueError:
        key = UUID(int=0)
    drafts = visible_cases(request.user).filter(patient=patient, state=CaseState.DRAFT)
    return get_object_or_404(drafts, pk=key)
