"""The one place that says no to a role."""

from uuid import UUID

from accounts.errors import NotAllowed
from accounts.models import Role, User
from accounts.selectors import role_in


def require_role(user: User, organisation_id: UUID, *roles: Role) -> Role:
    """Return the person's role there, or raise NotAllowed with a sentence that names who may."""
    role = role_in(user, organisation_id)
    if role is None or role not in roles:
        who = " or ".join(f"{r.label.lower()}s" for r in roles)
        raise NotAllowed(f"Only {who} of this organisation can do that.")
    return role
