"""Models in service and their answers."""

from inference.models.model_version import ModelState, ModelVersion
from inference.models.prediction import Prediction, PredictionState

__all__ = ["ModelState", "ModelVersion", "Prediction", "PredictionState"]
