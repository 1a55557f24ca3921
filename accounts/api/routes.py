"""What this app adds to the API."""

from rest_framework.routers import SimpleRouter

from accounts.api.organisations import OrganisationViewSet


def register(router: SimpleRouter) -> None:
    """Register the viewsets."""
    router.register("organisations", OrganisationViewSet, basename="api-organisation")
