"""API clients: made here, their secret shown once, revoked here."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from oauth2_provider.models import (
    get_access_token_model,
    get_grant_model,
    get_id_token_model,
    get_refresh_token_model,
)

from accounts.admin.scope import ScopedAdmin, administered_organisations, person
from accounts.models import ApiClient
from accounts.services import create_api_client
from accounts.services.api_clients import revoke_api_client

SCOPES = [("read", "read"), ("read write", "read and write")]

# The library's own pages show tokens, and applications without their organisation.
for _model in (
    ApiClient,
    get_access_token_model(),
    get_grant_model(),
    get_id_token_model(),
    get_refresh_token_model(),
):
    if admin.site.is_registered(_model):
        admin.site.unregister(_model)


class ApiClientForm(forms.ModelForm):
    """A name, a place, and what the program may do."""

    scopes = forms.ChoiceField(choices=SCOPES, initial="read", label="May")

    class Meta:
        model = ApiClient
        fields = ("name", "organisation", "scopes")


@admin.register(ApiClient)
class ApiClientAdmin(ScopedAdmin):
    """A program that uses the API for one organisation."""

    form = ApiClientForm
    list_display = ("name", "organisation", "client_id", "scopes", "created")
    list_select_related = ("organisation",)
    search_fields = ("name", "client_id")
    actions = None

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Never the secret: only its hash is stored."""
        new = ("name", "organisation", "scopes")
        return (*new, "client_id", "created") if obj else new

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Another organisation is another client."""
        return ("organisation", "client_id", "created") if obj else ()

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kw: Any) -> Any:
        """Only organisations that the reader administers."""
        if db_field.name == "organisation":
            kw["queryset"] = administered_organisations(person(request))
        return super().formfield_for_foreignkey(db_field, request, **kw)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Administrators revoke clients."""
        return self.has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: ApiClient, form: Any, change: Any) -> None:
        """Make the client, its secret and its service account."""
        if change:
            super().save_model(request, obj, form, change)
            return
        made = create_api_client(organisation=obj.organisation, name=obj.name, scopes=obj.scopes)
        obj.pk, obj.client_id, obj.user_id = made.client.pk, made.client_id, made.client.user_id
        obj._state.adding = False
        request._new_api_client = made  # type: ignore[attr-defined]

    def response_add(
        self, request: HttpRequest, obj: ApiClient, post_url_continue: Any = None
    ) -> Any:
        """Show the secret on this answer and nowhere else."""
        made = request._new_api_client  # type: ignore[attr-defined]
        context = {
            **self.admin_site.each_context(request),
            "title": f"{obj.name} is ready",
            "made": made,
            "opts": self.opts,
        }
        response = TemplateResponse(request, "admin/accounts/apiclient/made.html", context)
        response["Cache-Control"] = "no-store, private"
        return response

    def delete_model(self, request: HttpRequest, obj: ApiClient) -> None:
        """Its tokens stop working at once."""
        revoke_api_client(client=obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[ApiClient]) -> None:
        """As one by one."""
        for client in queryset:
            revoke_api_client(client=client)
