"""Addresses: exports of a frozen version."""

from django.urls import path

from clinic.views import dataset_downloads, dataset_exports

urlpatterns = [
    path(
        "data-sets/versions/<uuid:key>/exports/",
        dataset_exports.dataset_exports,
        name="dataset-exports",
    ),
    path(
        "data-sets/exports/<uuid:key>/cancel/",
        dataset_exports.export_cancel,
        name="export-cancel",
    ),
    path("data-sets/exports/<uuid:key>/retry/", dataset_exports.export_retry, name="export-retry"),
    path(
        "data-sets/exports/<uuid:key>/download/",
        dataset_downloads.export_download,
        name="export-download",
    ),
    path("data-sets/exports/<uuid:key>/files/", dataset_exports.export_files, name="export-files"),
    path(
        "data-sets/exports/<uuid:key>/files/<uuid:file_key>/",
        dataset_downloads.export_file,
        name="export-file",
    ),
]
