"""Giving and taking roles."""

from django.db import transaction

from accounts.models import Membership, Organisation, Role, User


@transaction.atomic
def grant_role(*, user: User, organisation: Organisation, role: Role) -> Membership:
    """Give a person a role, replacing the one they had there."""
    membership, _ = Membership.objects.update_or_create(
        user=user, organisation=organisation, defaults={"role": role}
    )
    _open_administration_to_administrators(user)
    return membership


@transaction.atomic
def end_membership(*, membership: Membership) -> None:
    """Take a person's role away; what they wrote stays in the record."""
    user = membership.user
    membership.delete()
    _open_administration_to_administrators(user)


def _open_administration_to_administrators(user: User) -> None:
    is_administrator = user.memberships.filter(role=Role.ADMINISTRATOR).exists()
    user.is_staff = is_administrator or user.is_superuser
    user.save(update_fields=["is_staff"])
    user.__dict__.pop("current_memberships", None)
