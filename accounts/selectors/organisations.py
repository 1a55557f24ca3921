"""Visibility of organisations. Every other app's visibility derives from these."""

from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from accounts.models import Membership, Organisation, Role, User


def visible_organisations(user: User | AnonymousUser) -> QuerySet[Organisation]:
    """Active organisations in which this person has a role; all of them for the operator."""
    active = Organisation.objects.filter(is_active=True)
    if not user.is_authenticated or not user.is_active:
        return active.none()
    if user.is_superuser:
        return active
    return active.filter(memberships__user=user)


def administered_organisations(user: User | AnonymousUser) -> QuerySet[Organisation]:
    """Active organisations in which this person is an administrator; all for the operator."""
    visible = visible_organisations(user)
    if not user.is_authenticated or user.is_superuser:
        return visible
    return visible.filter(memberships__user=user, memberships__role=Role.ADMINISTRATOR)


def organisation_for(user: User, organisation_id: UUID) -> Organisation | None:
    """The organisation with this key if the person may see it."""
    return visible_organisations(user).filter(pk=organisation_id).first()


def role_in(user: User, organisation_id: UUID) -> Role | None:
    """The person's role in an organisation, from the memberships read once per request."""
    for membership in user.current_memberships:
        if membership.organisation_id == organisation_id:
            return Role(membership.role)
    return None


def has_role(user: User, organisation_id: UUID, *roles: Role) -> bool:
    """Whether the person has one of these roles there."""
    return role_in(user, organisation_id) in roles


def visible_memberships(user: User) -> QuerySet[Membership]:
    """Memberships in the organisations that this person administers; all for the operator."""
    if user.is_superuser:
        return Membership.objects.all()
    return Membership.objects.filter(organisation__in=administered_organisations(user))


def members(organisation: Organisation) -> QuerySet[Membership]:
    """The memberships of people who can sign in; API clients' service accounts are no people."""
    return organisation.memberships.filter(
        user__is_active=True, user__accounts_apiclient__isnull=True
    )


def visible_people(user: User) -> QuerySet[User]:
    """People with a role where this person administers; all for the operator."""
    if user.is_superuser:
        return User.objects.all()
    return User.objects.filter(pk__in=visible_memberships(user).values("user"))
