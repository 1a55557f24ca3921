"""The clinic app."""

from django.apps import AppConfig


class ClinicConfig(AppConfig):
    """The clinical record and the work on it."""

    name = "clinic"
    verbose_name = "Clinical record"

    def ready(self) -> None:
        """Listen to its own announcements."""
        from clinic import receivers  # noqa: F401
