"""Addresses of the clinic's screens, one file a subject."""

from clinic.urls import annotations, cases, home, images, lesions, patients, reading

urlpatterns = [
    *home.urlpatterns,
    *patients.urlpatterns,
    *lesions.urlpatterns,
    *cases.urlpatterns,
    *images.urlpatterns,
    *annotations.urlpatterns,
    *reading.urlpatterns,
]
