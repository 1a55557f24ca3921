"""Addresses of the clinic's screens, one file a subject."""

from clinic.urls import cases, home, images, patients, reading

urlpatterns = [
    *home.urlpatterns,
    *patients.urlpatterns,
    *cases.urlpatterns,
    *images.urlpatterns,
    *reading.urlpatterns,
]
