"""Addresses: cases."""

from django.urls import path

from clinic.views import cases, drafts, uploads

urlpatterns = [
    path("cases/", cases.case_list, name="case-list"),
    path("cases/<uuid:key>/", cases.case_detail, name="case-detail"),
    path("cases/<uuid:key>/print/", cases.case_print, name="case-print"),
    path("cases/<uuid:key>/edit/", drafts.case_draft, name="case-draft"),
    path("cases/<uuid:key>/submit/", drafts.case_submit, name="case-submit"),
    path("cases/<uuid:key>/cancel/", drafts.case_cancel, name="case-cancel"),
    path("cases/<uuid:key>/images/", uploads.image_upload, name="image-upload"),
]
