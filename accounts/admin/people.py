"""People: invite, name, give roles, deactivate. Nobody gets a way into somebody else's account."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from accounts.admin.memberships import MembershipInline
from accounts.admin.scope import ScopedAdmin, administered_organisations, person
from accounts.errors import DomainError
from accounts.models import Organisation, Role, User
from accounts.selectors import visible_people
from accounts.services import end_membership, grant_role
from accounts.services.api_clients import SERVICE_ACCOUNTS
from accounts.services.invitations import Invitation, invite_person, send_password_link

OPERATOR_FIELDS = ("is_staff", "is_superuser", "groups", "user_permissions")


class InvitationForm(forms.ModelForm):
    """Who, where, as what. The person sets the password."""

    organisation = forms.ModelChoiceField(Organisation.objects.none())
    role = forms.ChoiceField(choices=Role.choices)

    class Meta:
        model = User
        fields = ("email", "full_name")

    actor: User
    invitation: Invitation

    def __init__(self, *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        places = administered_organisations(self.actor)
        self.fields["organisation"].queryset = places  # type: ignore[attr-defined]
        self.fields["organisation"].initial = places.first() if places.count() == 1 else None

    def _post_clean(self) -> None:
        """Nothing more: the service has stored the person, and a known address is no mistake."""

    def clean(self) -> dict[str, Any] | None:
        """Invite, so that a refusal stands on the form."""
        cleaned = super().clean()
        if not self.errors:
            try:
                self.invitation = invite_person(
                    email=self.cleaned_data["email"],
                    full_name=self.cleaned_data["full_name"],
                    organisation=self.cleaned_data["organisation"],
                    role=Role(self.cleaned_data["role"]),
                    actor=self.actor,
                )
            except DomainError as refusal:
                self.add_error(
                    refusal.field if refusal.field in self.fields else None, str(refusal)
                )
        return cleaned


@admin.register(User)
class PersonAdmin(ScopedAdmin):
    """A person who signs in."""

    organisation_path = "memberships__organisation"
    list_display = ("full_name", "email", "roles", "is_active", "last_login")
    list_filter = ("is_active", "memberships__role")
    search_fields = ("full_name", "email")
    ordering = ("full_name", "email")
    filter_horizontal = ("groups", "user_permissions")
    actions = ("send_links",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """People with a role where the reader administers, without API clients' accounts."""
        return (
            visible_people(person(request))
            .exclude(email__endswith=SERVICE_ACCOUNTS)
            .prefetch_related("memberships__organisation")
        )

    @admin.display(description="roles")
    def roles(self, user: User) -> str:
        """What the person does where; only of places that the reader administers."""
        return ", ".join(
            f"{membership.get_role_display()} at {membership.organisation}"
            for membership in user.memberships.all()
            if membership.organisation_id in self._administered
        )

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Look the reader's organisations up once."""
        places = administered_organisations(person(request))
        self._administered = set(places.values_list("pk", flat=True))
        return super().changelist_view(request, extra_context)

    def get_form(self, request: HttpRequest, obj: Any = None, change: Any = None, **kw: Any) -> Any:
        """Adding a person is inviting one."""
        if obj is not None:
            return super().get_form(request, obj, bool(change), **kw)
        return type("Invitation", (InvitationForm,), {"actor": person(request)})

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """The operator's fields are the operator's."""
        if obj is None:
            return [(None, {"fields": ("email", "full_name", "organisation", "role")})]
        sections: list[Any] = [
            (None, {"fields": ("email", "full_name", "is_active", "last_login")})
        ]
        if person(request).is_superuser:
            sections.append(("Rights beyond roles", {"fields": OPERATOR_FIELDS}))
        return sections

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Somebody who also works elsewhere, or the operator, is not one administrator's to rename.

        Changing the address of an account is a way into it.
        """
        if obj is None or self._is_wholly_ours(person(request), obj):
            return ("last_login",)
        return ("email", "full_name", "is_active", "last_login")

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        """Roles, once the person exists."""
        return [MembershipInline] if obj else []

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: Any) -> None:
        """The invitation has stored a new person already."""
        if change:
            super().save_model(request, obj, form, change)
            return
        invited = form.invitation.user
        obj.pk, obj.password, obj._state.adding = invited.pk, invited.password, False

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        """Roles go through the services, which open or close this site to the person."""
        if not change:
            return
        form.save_m2m()
        for formset in formsets:
            formset.save(commit=False)
            for membership in formset.deleted_objects:
                end_membership(membership=membership)
            for membership in [*formset.new_objects, *(row for row, _ in formset.changed_objects)]:
                grant_role(
                    user=form.instance,
                    organisation=membership.organisation,
                    role=Role(membership.role),
                )

    def response_add(self, request: HttpRequest, obj: User, post_url_continue: Any = None) -> Any:
        """Show the link once: it is no message, because messages travel in a cookie."""
        form = getattr(request, "_invitation", None)
        if form is None or IS_POPUP_VAR in request.POST:
            return super().response_add(request, obj, post_url_continue)
        if not form.is_new:
            self.message_user(
                request,
                f"{form.user} had an account already and has the role now.",
                messages.SUCCESS,
            )
            return HttpResponseRedirect(reverse("admin:accounts_user_changelist"))
        context = {
            **self.admin_site.each_context(request),
            "title": f"{form.user} is invited",
            "person": form.user,
            "link": request.build_absolute_uri(form.path),
            "opts": self.opts,
        }
        response = TemplateResponse(request, "admin/accounts/user/invited.html", context)
        response["Cache-Control"] = "no-store, private"
        return response

    def construct_change_message(
        self,
        request: HttpRequest,
        form: Any,
        formsets: Any,
        add: bool = False,  # noqa: FBT001, FBT002
    ) -> Any:
        """Keep the invitation for the page that follows."""
        if add:
            request._invitation = form.invitation  # type: ignore[attr-defined]
            return [{"added": {}}]
        return super().construct_change_message(request, form, formsets, add)

    @admin.action(description="Send a password link")
    def send_links(self, request: HttpRequest, people: QuerySet[User]) -> None:
        """To the people's own addresses; nobody else sees the link."""
        sent = 0
        for user in people.filter(is_active=True):
            send_password_link(user=user, base_url=request.build_absolute_uri("/"))
            sent += 1
        self.message_user(request, f"{sent} {'person gets' if sent == 1 else 'people get'} a link.")

    def _is_wholly_ours(self, actor: User, user: User) -> bool:
        if actor.is_superuser:
            return True
        if user.is_superuser:
            return False
        places = administered_organisations(actor)
        return not user.memberships.exclude(organisation__in=places).exists()
