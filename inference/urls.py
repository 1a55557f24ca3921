"""Addresses of models and predictions."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
