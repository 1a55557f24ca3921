"""Every write to models and predictions."""

from inference.services.installation import install_package
from inference.services.queue import queue_predictions
from inference.services.requeue import requeue_predictions, retry_prediction
from inference.services.states import activate_model, retire_model, roll_back_model, shadow_model

__all__ = [
    "activate_model",
    "install_package",
    "queue_predictions",
    "requeue_predictions",
    "retire_model",
    "retry_prediction",
    "roll_back_model",
    "shadow_model",
]
