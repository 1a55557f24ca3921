"""Patients: finding, registering, correcting, and what is known of one."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_http_methods, require_safe

from accounts.errors import InvalidInput
from accounts.keyset import keyset_page
from accounts.services import require_role
from clinic.forms.patients import PatientForm
from clinic.models import Patient
from clinic.roles import SUBMITTERS
from clinic.selectors import search_patients, similar_patients, visible_cases, visible_patients
from clinic.selectors.case_search import with_summary
from clinic.selectors.lesion_summaries import lesion_summaries
from clinic.services import amend_patient, register_patient, start_case
from clinic.views.gate import MemberRequest, for_members, may_write

CASE = "case"


@for_members
@require_safe
def patient_list(request: MemberRequest) -> HttpResponse:
    """Search as one types; without a script the same form asks with Enter."""
    organisation = request.organisation
    text = request.GET.get("q", "").strip()[:100]
    patients = search_patients(request.user, organisation=organisation, text=text)
    writes = may_write(request.user, organisation.pk)
    context: dict[str, Any] = {
        "text": text,
        "count": patients.order_by().count(),
        "page": keyset_page(patients, order=["-created_at", "-id"], params=request.GET),
        "may_write": writes,
        "for_case": writes and request.GET.get("for") == CASE,
    }
    # While one types, only the rows are asked for, and the count for a screen reader to say.
    context["part"] = part = request.htmx.target == "patient-results"
    template = "clinic/patients/results.html" if part else "clinic/patients/list.html"
    response = render(request, template, context)
    # The same address answers with a page or a part of it: caches and "back" must not mix them up.
    patch_vary_headers(response, ["HX-Request"])
    return response


@for_members
@require_http_methods(["GET", "HEAD", "POST"])
def patient_create(request: MemberRequest) -> HttpResponse:
    """Register a patient; a likely duplicate is shown before a second record is opened."""
    organisation = request.organisation
    require_role(request.user, organisation.pk, *SUBMITTERS)
    for_case = request.GET.get("for") == CASE
    form = PatientForm(request.POST or None, initial=_from_search(request))
    context: dict[str, Any] = {"form": form, "for_case": for_case}
    if request.method == "POST" and form.is_valid():
        duplicates = _duplicates(request, form)
        if duplicates and "register_anyway" not in request.POST:
            context["duplicates"] = duplicates
            return render(request, "clinic/patients/form.html", context, status=409)
        try:
            patient = register_patient(
                organisation=organisation,
                actor=request.user,
                key=form.cleaned_data["key"],
                **form.recorded(),
            )
        except InvalidInput as refusal:
            form.add_error(refusal.field, str(refusal))
            context["holder"] = _holder(request, form) if refusal.field else None
            return render(request, "clinic/patients/form.html", context, status=refusal.status)
        return _registered(request, patient, for_case=for_case)
    status = 400 if form.is_bound else 200
    return render(request, "clinic/patients/form.html", context, status=status)


@for_members
@require_http_methods(["GET", "HEAD", "POST"])
def patient_edit(request: MemberRequest, key: UUID) -> HttpResponse:
    """Correct what is known of a patient."""
    patient = get_object_or_404(visible_patients(request.user), pk=key)
    require_role(request.user, patient.organisation_id, *SUBMITTERS)
    form = PatientForm(request.POST or None, instance=patient)
    context: dict[str, Any] = {"form": form, "patient": visible_patients(request.user).get(pk=key)}
    if request.method == "POST" and form.is_valid():
        try:
            amend_patient(patient=patient, actor=request.user, **form.recorded())
        except InvalidInput as refusal:
            form.add_error(refusal.field, str(refusal))
            context["holder"] = _holder(request, form)
            return render(request, "clinic/patients/form.html", context, status=refusal.status)
        messages.success(request, "The patient's record is corrected.")
        return redirect("patient-detail", key)
    status = 400 if form.is_bound else 200
    return render(request, "clinic/patients/form.html", context, status=status)


@for_members
@require_safe
def patient_detail(request: MemberRequest, key: UUID) -> HttpResponse:
    """Head line, body map, lesions with their last picture and diagnosis, cases, pathology."""
    patient = get_object_or_404(visible_patients(request.user), pk=key)
    summaries = lesion_summaries(request.user, patient)
    cases = with_summary(visible_cases(request.user).filter(patient=patient))
    return render(
        request,
        "clinic/patients/detail.html",
        {
            "patient": patient,
            "summaries": summaries,
            "lesions": [summary.lesion for summary in summaries],
            "pathology": [result for summary in summaries for result in summary.pathology],
            "cases": cases.order_by("-created_at", "-id"),
            "may_write": may_write(request.user, patient.organisation_id),
        },
    )


def _from_search(request: MemberRequest) -> dict[str, str]:
    """What was searched for and not found is what is going to be typed."""
    words = request.GET.get("q", "").replace(",", " ").split()[:3]
    if not words:
        return {}
    if any(character.isdigit() for character in words[0]):
        return {"medical_record_number": words[0]}
    return {"family_name": words[0], "given_name": " ".join(words[1:])}


def _duplicates(request: MemberRequest, form: PatientForm) -> list[Patient]:
    entered = form.cleaned_data
    # Posting the same form twice is no duplicate of itself.
    return list(
        similar_patients(
            organisation_id=request.organisation.pk,
            family_name=entered["family_name"],
            given_name=entered["given_name"],
            birth_date=entered["birth_date"],
        ).exclude(pk=entered["key"])[:5]
    )


def _holder(request: MemberRequest, form: PatientForm) -> Patient | None:
    """Who has the medical record number that was refused."""
    number = form.cleaned_data.get("medical_record_number") or form.data.get(
        "medical_record_number", ""
    )
    return (
        visible_patients(request.user)
        .filter(organisation=request.organisation, medical_record_number=number.strip())
        .first()
    )


def _registered(request: MemberRequest, patient: Patient, *, for_case: bool) -> HttpResponse:
    if for_case:
        # The case's key derives from the patient's: registering twice starts one case.
        case = start_case(patient=patient, actor=request.user, key=patient.pk)
        return redirect("case-draft", case.pk)
    messages.success(request, f"{patient.name} is registered.")
    return redirect("patient-detail", patient.pk)
