"""Which organisations, people and roles a person may see."""

from accounts.selectors.organisations import (
    has_role,
    members,
    organisation_for,
    role_in,
    visible_memberships,
    visible_organisations,
    visible_people,
)

__all__ = [
    "has_role",
    "members",
    "organisation_for",
    "role_in",
    "visible_memberships",
    "visible_organisations",
    "visible_people",
]
