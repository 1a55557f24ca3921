"""Recording what a patient allows beside the own care."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from accounts.errors import InvalidInput
from accounts.services import require_role
from clinic.forms.consent import ResearchConsentForm
from clinic.roles import SUBMITTERS
from clinic.selectors import visible_patients
from clinic.services.datasets import record_research_consent
from clinic.views.gate import MemberRequest, for_members


@for_members
@require_http_methods(["GET", "HEAD", "POST"])
def patient_consent(request: MemberRequest, key: UUID) -> HttpResponse:
    """Ask once, change it any time; a withdrawal reaches every data set at once."""
    patient = get_object_or_404(visible_patients(request.user), pk=key)
    require_role(request.user, patient.organisation_id, *SUBMITTERS)
    form = ResearchConsentForm(request.POST or None, patient=patient)
    if request.method == "POST" and form.is_valid():
        try:
            record_research_consent(
                patient=patient,
                consent=form.cleaned_data["research_consent"],
                on=form.cleaned_data["research_consent_on"],
                actor=request.user,
            )
        except InvalidInput as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            messages.success(request, "The patient's answer is recorded.")
            return redirect("patient-detail", key)
    context = {"form": form, "patient": patient}
    return render(
        request, "clinic/patients/consent.html", context, status=400 if form.is_bound else 200
    )
