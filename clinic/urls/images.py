"""Addresses: pictures, and what can be done to one in a draft."""

from django.urls import path

from clinic.views import images, pictures

urlpatterns = [
    path("images/<uuid:key>/file/", pictures.image_file, name="image-file"),
    path("images/<uuid:key>/screen/", pictures.image_screen, name="image-screen"),
    path("images/<uuid:key>/thumbnail/", pictures.image_thumbnail, name="image-thumbnail"),
    path("images/<uuid:key>/remove/", images.image_remove, name="image-remove"),
    path("images/<uuid:key>/move/", images.image_move, name="image-move"),
    path("images/<uuid:key>/kind/", images.image_kind, name="image-kind"),
]
