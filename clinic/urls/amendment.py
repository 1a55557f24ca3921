"""Addresses: a new version of a signed answer."""

from django.urls import path

from clinic.views import amendment

urlpatterns = [path("cases/<uuid:key>/amend/", amendment.case_amend, name="case-amend")]
