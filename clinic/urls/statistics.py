"""Addresses: the picture of the work."""

from django.urls import path

from clinic.views import statistics

urlpatterns = [
    path("statistics/", statistics.own_statistics, name="statistics"),
    path(
        "statistics/organisation/",
        statistics.organisation_statistics,
        name="statistics-organisation",
    ),
]
