"""The operator's way to help somebody who has lost every second factor: remove them.

Nobody gets a way in by it: the password is still asked for, and only its owner knows it. What is in
a row (a public key, encrypted secrets) is shown to nobody.
"""

from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.http import HttpRequest

from accounts.admin.scope import FoundOr404, person

admin.site.unregister(Authenticator)


@admin.register(Authenticator)
class SecondFactorAdmin(FoundOr404):
    """A passkey, an authenticator app or a set of recovery codes."""

    list_display = ("user", "type", "created_at", "last_used_at")
    list_filter = ("type",)
    search_fields = ("user__full_name", "user__email")
    list_select_related = ("user",)
    fields = ("user", "type", "created_at", "last_used_at")
    readonly_fields = fields

    def has_module_permission(self, request: HttpRequest) -> bool:
        """The operator."""
        return person(request).is_superuser

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The operator."""
        return person(request).is_superuser

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The operator."""
        return person(request).is_superuser

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody makes a second factor for somebody else."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False
