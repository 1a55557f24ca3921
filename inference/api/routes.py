"""What this app adds to the API."""

from rest_framework.routers import SimpleRouter

from inference.api.models import ModelViewSet
from inference.api.predictions import PredictionViewSet


def register(router: SimpleRouter) -> None:
    """Register the viewsets."""
    router.register("predictions", PredictionViewSet, basename="api-prediction")
    router.register("models", ModelViewSet, basename="api-model")
