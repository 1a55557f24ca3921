"""Addresses: what lesions turned out to be."""

from django.urls import path

from clinic.views import pathology

urlpatterns = [
    path("lesions/<uuid:key>/pathology/", pathology.pathology_record, name="pathology-record")
]
