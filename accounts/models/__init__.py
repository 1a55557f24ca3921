"""People, organisations, roles and API clients."""

from accounts.models.api_client import ApiClient
from accounts.models.idempotency import IdempotentAnswer
from accounts.models.membership import Membership, Role
from accounts.models.organisation import Organisation
from accounts.models.user import User

__all__ = ["ApiClient", "IdempotentAnswer", "Membership", "Organisation", "Role", "User"]
