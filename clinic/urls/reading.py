"""Addresses: the worklist and the review screen."""

from django.urls import path

from clinic.views import review, worklist

urlpatterns = [
    path("worklist/", worklist.worklist_page, name="worklist"),
    path("worklist/next/", worklist.worklist_next, name="worklist-next"),
    path("cases/<uuid:key>/review/", review.case_review, name="case-review"),
    path("cases/<uuid:key>/read/", review.read_save, name="read-save"),
    path(
        "cases/<uuid:key>/lesions/<uuid:lesion>/suggestion/",
        review.model_suggestion,
        name="model-suggestion",
    ),
    path("cases/<uuid:key>/sign/", review.case_sign, name="case-sign"),
]
