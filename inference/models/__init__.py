"""Models in service and their answers."""

from inference.models.model_version import ModelState, ModelVersion
from inference.models.prediction import MAX_ATTEMPTS, Precedence, Prediction, PredictionState

__all__ = [
    "MAX_ATTEMPTS",
    "ModelState",
    "ModelVersion",
    "Precedence",
    "Prediction",
    "PredictionState",
]
