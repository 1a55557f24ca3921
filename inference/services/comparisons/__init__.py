"""A candidate beside the model in service: asked for, answered, judged; and the gate it opens."""

from inference.services.comparisons.requests import compare_models

__all__ = ["compare_models"]
