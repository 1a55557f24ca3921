"""The inference app."""

from django.apps import AppConfig


class InferenceConfig(AppConfig):
    """Models in service, their answers and the worker that makes them."""

    name = "inference"
    verbose_name = "Models in service"

    def ready(self) -> None:
        """Listen to the clinic."""
        from inference import receivers  # noqa: F401
