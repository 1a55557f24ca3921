"""Training runs: asking for one, carrying it through its states, ending it."""

from inference.services.training.requests import (
    cancel_training,
    request_training,
    try_training_again,
)

__all__ = ["cancel_training", "request_training", "try_training_again"]
