"""Organisations: the operator opens them, administrators see their own."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Count, Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest

from accounts.admin.scope import ScopedAdmin, person
from accounts.models import Organisation
from accounts.services import create_organisation


@admin.register(Organisation)
class OrganisationAdmin(ScopedAdmin):
    """A site that shares nothing with the others."""

    organisation_path: ClassVar[str] = "pk"
    list_display = ("name", "slug", "is_active", "people", "created_at")
    search_fields = ("name", "slug")
    fields = ("name", "slug", "is_active")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Organisation]:
        """With the number of people."""
        return super().get_queryset(request).annotate(people_count=Count("memberships"))

    @admin.display(description="people")
    def people(self, organisation: Organisation) -> int:
        """How many have a role there."""
        return int(getattr(organisation, "people_count", 0))

    def has_add_permission(self, request: HttpRequest) -> bool:
        """The operator of the installation."""
        return person(request).is_superuser

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """The operator of the installation."""
        return person(request).is_superuser

    def get_prepopulated_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """Suggest the short name."""
        return {} if obj else {"slug": ["name"]}

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """The short name stands in addresses and imports."""
        return ("slug",) if obj else ()

    def save_model(
        self, request: HttpRequest, obj: Organisation, form: ModelForm, change: Any
    ) -> None:
        """Open it through the service."""
        if change:
            super().save_model(request, obj, form, change)
            return
        opened = create_organisation(name=obj.name, slug=obj.slug)
        obj.pk, obj.created_at, obj._state.adding = opened.pk, opened.created_at, False
