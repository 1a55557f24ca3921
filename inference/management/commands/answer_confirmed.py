"""`manage.py answer_confirmed`: let the model in service look at every confirmed lesion."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from inference.selectors import active_model
from inference.services.confirmed import queue_confirmed_images


class Command(BaseCommand):
    """Safe to run again: what is queued or has its features is left alone."""

    help = (
        "Queue the images of confirmed lesions of which the model in service keeps no features, so "
        "that they can be shown as similar cases. Run it after another model was activated."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Queue what is missing, and say how much."""
        version = active_model()
        if version is None:
            raise CommandError("No model is in service. Activate one first.")
        queued = queue_confirmed_images(version=version)
        self.stdout.write(f"{version}: {queued} image{'' if queued == 1 else 's'} queued.")
