"""Recording what a lesion turned out to be."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.errors import InvalidInput
from accounts.services import require_role
from clinic.forms.pathology import PathologyForm
from clinic.models import Case, Lesion
from clinic.roles import SUBMITTERS
from clinic.selectors import taxonomy, visible_cases, visible_lesions, visible_pathology
from clinic.selectors.verdicts import by_certainty
from clinic.services import record_pathology
from clinic.views.gate import MemberRequest, for_members


@for_members
@require_http_methods(["GET", "HEAD", "POST"])
def pathology_record(request: MemberRequest, key: UUID) -> HttpResponse:
    """A result for a lesion; it stands beside earlier ones and changes no read.

    `?case=` says from which case's page somebody comes, and where they go back to.
    """
    lesion = get_object_or_404(visible_lesions(request.user).select_related("patient"), pk=key)
    require_role(request.user, lesion.patient.organisation_id, *SUBMITTERS)
    case = _case(request, lesion)
    form = PathologyForm(request.POST or None, taxonomy=taxonomy())
    if request.method == "POST" and form.is_valid():
        try:
            record_pathology(lesion=lesion, actor=request.user, **form.cleaned_data)
        except InvalidInput as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            messages.success(request, f"The pathology of lesion {lesion.number} is recorded.")
            return redirect(_back(lesion, case))
    earlier = visible_pathology(request.user).filter(lesion=lesion).select_related("diagnosis")
    context = {
        "lesion": lesion,
        "patient": lesion.patient,
        "case": case,
        "form": form,
        "earlier": by_certainty(earlier),
        "back_url": _back(lesion, case),
    }
    status = 422 if form.is_bound else 200
    return render(request, "clinic/pathology/record.html", context, status=status)


def _case(request: MemberRequest, lesion: Lesion) -> Case | None:
    try:
        key = UUID(request.GET.get("case", ""))
    except ValueError:
        return None
    # Of this lesion's patient: another case is no way back from here.
    return visible_cases(request.user).filter(pk=key, patient=lesion.patient_id).first()


def _back(lesion: Lesion, case: Case | None) -> str:
    if case is not None:
        return reverse("case-detail", args=[case.pk])
    return f"{reverse('patient-detail', args=[lesion.patient_id])}#lesion-{lesion.pk}"
