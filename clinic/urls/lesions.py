"""Addresses: a lesion over time."""

from django.urls import path

from clinic.views import lesion_timeline

urlpatterns = [
    path("lesions/<uuid:key>/timeline/", lesion_timeline.lesion_timeline, name="lesion-timeline"),
]
