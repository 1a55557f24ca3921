"""The admin site: stock look, the product's sign-in page."""

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url


class ClinicAdminSite(admin.AdminSite):
    """People, organisations and models. Each list shows only what its reader may see."""

    site_header = "Second Look administration"
    site_title = "Second Look"
    index_title = "People, organisations and models"

    def login(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        """Send people through the one sign-in page, which has the rate limits."""
        if request.user.is_authenticated:
            return redirect(resolve_url("home"))
        return redirect_to_login(request.GET.get("next", request.get_full_path()))
