"""Addresses: the worklist, the review screen with its steps, the number keys."""

from django.urls import path

from clinic.views import favourites, worklist
from clinic.views.reading import assignment, commit, drafts, review, signature

urlpatterns = [
    path("worklist/", worklist.worklist_page, name="worklist"),
    path("worklist/next/", worklist.worklist_next, name="worklist-next"),
    path("worklist/ahead/", worklist.worklist_ahead, name="worklist-ahead"),
    path("worklist/keys/", favourites.favourite_diagnoses, name="favourite-diagnoses"),
    path("cases/<uuid:key>/review/", review.case_review, name="case-review"),
    path("cases/<uuid:key>/assign/", assignment.case_assign, name="case-assign"),
    path("cases/<uuid:key>/lock/", assignment.case_lock, name="case-lock"),
    path("cases/<uuid:key>/release/", assignment.case_release, name="case-release"),
    path("cases/<uuid:key>/read/", drafts.read_save, name="read-save"),
    path("cases/<uuid:key>/commit/", commit.case_commit, name="case-commit"),
    path("cases/<uuid:key>/reveal/", commit.case_reveal, name="case-reveal"),
    path("cases/<uuid:key>/reconsider/", drafts.read_reconsider, name="read-reconsider"),
    path(
        "cases/<uuid:key>/lesions/<uuid:lesion>/keep-first/",
        drafts.read_keep_first,
        name="read-keep-first",
    ),
    path(
        "cases/<uuid:key>/lesions/<uuid:lesion>/suggestion/",
        review.model_suggestion,
        name="model-suggestion",
    ),
    path("cases/<uuid:key>/sign/", signature.case_sign, name="case-sign"),
]
