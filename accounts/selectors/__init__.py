"""Which organisations, people and roles a person may see."""

from accounts.selectors.organisations import (
    administered_organisations,
    has_role,
    members,
    organisation_for,
    role_in,
    visible_memberships,
    visible_organisations,
    visible_people,
)

__all__ = [
    "administered_organisations",
    "has_role",
    "members",
    "organisation_for",
    "role_in",
    "visible_memberships",
    "visible_organisations",
    "visible_people",
]
