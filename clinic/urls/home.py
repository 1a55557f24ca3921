"""Addresses: the start page and the search."""

from django.urls import path

from clinic.views import home, search

urlpatterns = [
    path("", home.home, name="home"),
    path("search/", search.search, name="search"),
]
