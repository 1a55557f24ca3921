"""The administration of models in service and of their predictions."""

from inference.admin import models, predictions, training_runs  # noqa: F401
