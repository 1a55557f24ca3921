"""Addresses: data sets, their versions, the sealed test sets."""

from django.urls import path

from clinic.views.datasets import described, listing, sealed, versions, writing

urlpatterns = [
    path("data-sets/", listing.dataset_list, name="dataset-list"),
    path("data-sets/new/", writing.dataset_create, name="dataset-create"),
    path("data-sets/preview/", writing.dataset_preview, name="dataset-preview"),
    path("data-sets/sealed/<uuid:key>/", sealed.sealed_test_set, name="sealed-test-set"),
    path("data-sets/versions/<uuid:key>/", versions.dataset_version, name="dataset-version"),
    path("data-sets/<uuid:key>/", described.dataset_detail, name="dataset-detail"),
    path("data-sets/<uuid:key>/edit/", writing.dataset_edit, name="dataset-edit"),
    path("data-sets/<uuid:key>/freeze/", described.dataset_freeze, name="dataset-freeze"),
]
