"""The administration of people, organisations and API clients."""

from accounts.admin import api_clients, memberships, organisations, people  # noqa: F401
