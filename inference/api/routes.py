"""What this app adds to the API."""

from rest_framework.routers import SimpleRouter


def register(router: SimpleRouter) -> None:
    """Register the viewsets."""
