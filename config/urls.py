"""Every address of the product."""

from django.contrib import admin
from django.urls import include, path

from config import views

urlpatterns = [
    path("healthz/", views.healthz, name="healthz"),
    path("", include("accounts.urls")),
    path("account/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("oauth/", include("accounts.oauth_urls")),
    path("api/", include("config.api_urls")),
    path("", include("inference.urls")),
    path("", include("clinic.urls")),
]

handler400 = "config.errors.bad_request"
handler403 = "config.errors.forbidden"
handler404 = "config.errors.not_found"
handler500 = "config.errors.server_error"
