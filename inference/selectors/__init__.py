"""Every read of models and predictions."""

from inference.selectors.models import active_model, models_in_service, visible_model_versions
from inference.selectors.predictions import visible_predictions

__all__ = [
    "active_model",
    "models_in_service",
    "visible_model_versions",
    "visible_predictions",
]
