"""Addresses of the clinic's screens, one file a subject."""

from clinic.urls import annotations, cases, home, images, patients, reading

urlpatterns = [
    *home.urlpatterns,
    *patients.urlpatterns,
    *cases.urlpatterns,
    *images.urlpatterns,
    *annotations.urlpatterns,
    *reading.urlpatterns,
]
