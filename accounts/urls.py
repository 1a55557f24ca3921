"""Addresses of accounts."""

from django.urls import path

from accounts.views import organisations

urlpatterns = [
    path("organisation/switch/", organisations.switch, name="organisation-switch"),
]
