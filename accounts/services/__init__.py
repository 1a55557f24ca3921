"""Every write to people, organisations and API clients."""

from accounts.services.api_clients import create_api_client
from accounts.services.memberships import end_membership, grant_role
from accounts.services.organisations import create_organisation
from accounts.services.permissions import require_role

__all__ = [
    "create_api_client",
    "create_organisation",
    "end_membership",
    "grant_role",
    "require_role",
]
