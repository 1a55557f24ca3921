"""Addresses: what is drawn on an image."""

from django.urls import path

from clinic.views import annotations

urlpatterns = [
    path("images/<uuid:key>/annotations/", annotations.annotation_list, name="annotation-list"),
    path(
        "images/<uuid:key>/annotations/<uuid:annotation_key>/",
        annotations.annotation,
        name="annotation",
    ),
    path("images/<uuid:key>/masks/", annotations.image_masks, name="image-masks"),
]
