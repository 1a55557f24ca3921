"""What this app adds to the API."""

from rest_framework.routers import SimpleRouter

from inference.api.models import ModelViewSet
from inference.api.predictions import PredictionViewSet
from inference.api.training_runs import TrainingRunViewSet


def register(router: SimpleRouter) -> None:
    """Register the viewsets."""
    router.register("predictions", PredictionViewSet, basename="api-prediction")
    router.register("models", ModelViewSet, basename="api-model")
    router.register("training-runs", TrainingRunViewSet, basename="api-training-run")
