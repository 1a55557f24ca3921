"""Every write to models and predictions."""

from inference.services.queue import queue_predictions

__all__ = ["queue_predictions"]
