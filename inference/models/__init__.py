"""Models in service and their answers."""

from inference.models.comparison import Comparison, ComparisonState
from inference.models.image_features import ImageFeatures
from inference.models.model_version import ModelState, ModelVersion
from inference.models.monitoring import (
    AlertMeasure,
    FeatureProjection,
    ImageStatistics,
    ServiceAlert,
)
from inference.models.prediction import MAX_ATTEMPTS, Precedence, Prediction, PredictionState
from inference.models.rescoring import Rescoring, RescoringState
from inference.models.training_run import UNFINISHED, RunState, TrainingRun

__all__ = [
    "MAX_ATTEMPTS",
    "UNFINISHED",
    "AlertMeasure",
    "Comparison",
    "ComparisonState",
    "FeatureProjection",
    "ImageFeatures",
    "ImageStatistics",
    "ModelState",
    "ModelVersion",
    "Precedence",
    "Prediction",
    "PredictionState",
    "Rescoring",
    "RescoringState",
    "RunState",
    "ServiceAlert",
    "TrainingRun",
]
