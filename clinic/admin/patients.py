"""Patients and their lesions, read only."""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest

from accounts.admin.scope import ReadOnlyAdmin
from clinic.models import Lesion, Patient


class ReadOnlyInline(admin.TabularInline):
    """Rows of the record that belong to the one on the page."""

    extra = 0
    can_delete = False
    show_change_link = False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Every one of them."""
        return self.fields

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever sees the page."""
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False


class LesionInline(ReadOnlyInline):
    """The patient's lesions."""

    model = Lesion
    fields = ("number", "body_site", "side", "history", "first_seen_on", "created_at")


@admin.register(Patient)
class PatientAdmin(ReadOnlyAdmin):
    """A patient's record."""

    organisation_path: ClassVar[str] = "organisation"
    list_display = (
        "medical_record_number",
        "family_name",
        "given_name",
        "birth_date",
        "organisation",
        "created_at",
    )
    list_filter = ("research_consent", "is_synthetic", "sex")
    list_select_related = ("organisation",)
    search_fields = ("medical_record_number", "family_name", "given_name")
    fields = (
        "organisation",
        "medical_record_number",
        "family_name",
        "given_name",
        "sex",
        "birth_date",
        "approximate_age",
        "fitzpatrick_type",
        "research_consent",
        "research_consent_on",
        "is_synthetic",
        "registered_by",
        "created_at",
    )
    inlines = (LesionInline,)
    ordering = ("-created_at", "-id")
