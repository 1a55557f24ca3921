"""Addresses of the clinic's screens, one file a subject."""

from clinic.urls import (
    amendment,
    annotations,
    cases,
    dataset_exports,
    datasets,
    home,
    images,
    lesions,
    notifications,
    pathology,
    patients,
    reading,
    statistics,
)

urlpatterns = [
    *home.urlpatterns,
    *patients.urlpatterns,
    *lesions.urlpatterns,
    *cases.urlpatterns,
    *images.urlpatterns,
    *annotations.urlpatterns,
    *reading.urlpatterns,
    *amendment.urlpatterns,
    *pathology.urlpatterns,
    *notifications.urlpatterns,
    *statistics.urlpatterns,
    *datasets.urlpatterns,
    *dataset_exports.urlpatterns,
]
