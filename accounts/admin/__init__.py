"""The administration of people, organisations and API clients."""

from accounts.admin import (  # noqa: F401
    api_clients,
    memberships,
    organisations,
    people,
    second_factors,
)
