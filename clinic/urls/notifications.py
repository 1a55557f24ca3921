"""Addresses: news."""

from django.urls import path

from clinic.views import notifications

urlpatterns = [path("news/", notifications.news, name="news")]
