"""Who looked at which picture."""

from typing import ClassVar

from django.contrib import admin

from accounts.admin.scope import ReadOnlyAdmin
from clinic.models import AccessLog


@admin.register(AccessLog)
class AccessLogAdmin(ReadOnlyAdmin):
    """One look at one image."""

    organisation_path: ClassVar[str] = "organisation"
    list_display = ("at", "user", "action", "image", "address", "organisation")
    list_filter = ("action", ("at", admin.DateFieldListFilter))
    list_select_related = ("user", "image", "organisation")
    search_fields = ("user__full_name", "user__email", "image__id")
    fields = ("at", "user", "organisation", "action", "image", "address")
    ordering = ("-at", "-id")
