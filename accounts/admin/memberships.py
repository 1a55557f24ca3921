"""Roles: who works where as what. All changes go through the services."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from accounts.admin.scope import ScopedAdmin, administered_organisations, person
from accounts.models import Membership, Role, User
from accounts.services import end_membership, grant_role
from accounts.services.api_clients import SERVICE_ACCOUNTS

OWN_ROLE = "You cannot take the administrator role from yourself. Ask another administrator."


class MembershipForm(forms.ModelForm):
    """The role can change; the person and the place cannot."""

    class Meta:
        model = Membership
        fields = ("user", "organisation", "role")

    actor: User

    def __init__(self, *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        # Another organisation is another membership.
        if not self.instance._state.adding and "organisation" in self.fields:
            self.fields["organisation"].disabled = True

    def clean(self) -> dict[str, Any] | None:
        """Nobody locks themselves out."""
        cleaned = super().clean()
        membership: Membership = self.instance
        was_administrator = self.initial.get("role") == Role.ADMINISTRATOR
        if (
            not membership._state.adding
            and was_administrator
            and membership.user_id == self.actor.pk
            and self.cleaned_data.get("role") != Role.ADMINISTRATOR
        ):
            self.add_error("role", OWN_ROLE)
        return cleaned


@admin.register(Membership)
class MembershipAdmin(ScopedAdmin):
    """One role of one person in one organisation."""

    form = MembershipForm
    list_display = ("user", "role", "organisation", "created_at")
    list_filter = ("role",)
    list_select_related = ("user", "organisation")
    search_fields = ("user__full_name", "user__email")
    fields = ("user", "organisation", "role")
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        """Without the service accounts of API clients."""
        return super().get_queryset(request).exclude(user__email__endswith=SERVICE_ACCOUNTS)

    def get_form(self, request: HttpRequest, obj: Any = None, change: Any = None, **kw: Any) -> Any:
        """Let the form know who asks."""
        form = super().get_form(request, obj, bool(change), **kw)
        return type(form.__name__, (form,), {"actor": person(request)})

    def has_add_permission(self, request: HttpRequest) -> bool:
        """The operator; administrators add people, who get a role with it."""
        return person(request).is_superuser

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Administrators end any role but their own."""
        own = isinstance(obj, Membership) and obj.user_id == request.user.pk
        return self.has_change_permission(request, obj) and not own

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """Another person or place is another membership."""
        return ("user", "organisation") if obj else ()

    def save_model(
        self, request: HttpRequest, obj: Membership, form: forms.ModelForm, change: Any
    ) -> None:
        """Grant the role; whoever becomes an administrator may open this site."""
        granted = grant_role(user=obj.user, organisation=obj.organisation, role=Role(obj.role))
        obj.pk, obj.created_at, obj._state.adding = granted.pk, granted.created_at, False

    def delete_model(self, request: HttpRequest, obj: Membership) -> None:
        """End the role."""
        end_membership(membership=obj)


class MembershipInline(admin.TabularInline):
    """The person's roles in the organisations that the reader administers."""

    model = Membership
    form = MembershipForm
    fields = ("organisation", "role")
    extra = 0
    verbose_name = "role"
    verbose_name_plural = "roles"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """No word of other organisations."""
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.filter(
            organisation__in=administered_organisations(person(request))
        ).select_related("organisation")

    def get_formset(self, request: HttpRequest, obj: Any = None, **kw: Any) -> Any:
        """Let each form know who asks."""
        formset = super().get_formset(request, obj, **kw)
        form = type("PersonsMembershipForm", (formset.form,), {"actor": person(request)})
        return type(formset.__name__, (formset,), {"form": form})

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kw: Any) -> Any:
        """Only organisations that the reader administers."""
        if db_field.name != "organisation":
            return super().formfield_for_foreignkey(db_field, request, **kw)
        kw["queryset"] = administered_organisations(person(request))
        return db_field.formfield(**kw)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Whoever sees the person."""
        return True

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Whoever sees the person."""
        return True

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Whoever sees the person."""
        return True

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Any role but one's own."""
        return obj is None or obj.pk != request.user.pk
