"""Addresses: patients and their lesions."""

from django.urls import path

from clinic.views import cases, consent, lesions, patients

urlpatterns = [
    path("patients/", patients.patient_list, name="patient-list"),
    path("patients/new/", patients.patient_create, name="patient-create"),
    path("patients/<uuid:key>/", patients.patient_detail, name="patient-detail"),
    path("patients/<uuid:key>/edit/", patients.patient_edit, name="patient-edit"),
    path("patients/<uuid:key>/consent/", consent.patient_consent, name="patient-consent"),
    path("patients/<uuid:key>/lesions/", lesions.lesion_create, name="lesion-create"),
    path("patients/<uuid:key>/cases/", cases.case_create, name="case-create"),
    path("lesions/<uuid:key>/edit/", lesions.lesion_edit, name="lesion-edit"),
]
