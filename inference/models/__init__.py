"""Models in service and their answers."""

from inference.models.image_features import ImageFeatures
from inference.models.model_version import ModelState, ModelVersion
from inference.models.prediction import MAX_ATTEMPTS, Precedence, Prediction, PredictionState

__all__ = [
    "MAX_ATTEMPTS",
    "ImageFeatures",
    "ModelState",
    "ModelVersion",
    "Precedence",
    "Prediction",
    "PredictionState",
]
