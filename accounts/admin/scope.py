"""Which rows an administrator sees: those of the organisations they administer, and no others.

Django's own permissions play no part: the administrator role is enough, and nothing else is.
"""

from typing import Any, ClassVar, cast

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest

from accounts.models import Organisation, Role, User
from accounts.selectors import visible_organisations


def person(request: HttpRequest) -> User:
    """Who asks. The admin site has checked that it is a signed-in member of staff."""
    return cast("User", request.user)


def administered_organisations(user: User) -> QuerySet[Organisation]:
    """Active organisations in which the person is an administrator; all for the operator."""
    if user.is_superuser:
        return Organisation.objects.all()
    keys = [m.organisation_id for m in user.current_memberships if m.role == Role.ADMINISTRATOR]
    return visible_organisations(user).filter(pk__in=keys)


def administers(user: User) -> bool:
    """Whether the person is an administrator anywhere."""
    if not (user.is_active and user.is_staff):
        return False
    return user.is_superuser or any(
        membership.role == Role.ADMINISTRATOR for membership in user.current_memberships
    )


class FoundOr404(admin.ModelAdmin):
    """A row that is not there, or not the reader's, is not found. Django would redirect."""

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        """The row, or 404."""
        row = super().get_object(request, object_id, from_field)
        if row is None:
            raise Http404
        return row


class ScopedAdmin(FoundOr404):
    """Lists and pages of one's own organisations; a row of another one is not found.

    `organisation_path` leads from the row to its organisation.
    """

    organisation_path: ClassVar[str] = "organisation"
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Rows of the administered organisations."""
        rows: QuerySet[Any] = super().get_queryset(request)
        user = person(request)
        if user.is_superuser:
            return rows
        return rows.filter(**{f"{self.organisation_path}__in": administered_organisations(user)})

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Administrators."""
        return administers(person(request))

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Administrators; `get_queryset` has chosen the row."""
        return administers(person(request))

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Administrators."""
        return administers(person(request))

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Administrators."""
        return administers(person(request))

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody, unless a page says otherwise: the record keeps its names."""
        return False


class ReadOnlyAdmin(ScopedAdmin):
    """For support: to be looked at, never to be changed here."""

    actions: Any = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody."""
        return False
