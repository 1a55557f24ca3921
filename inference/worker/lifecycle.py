"""A worker process's beginning and end: load the model before the first image; stop between two.

Celery tells only the parent process that it should stop, and the parent then waits for the task in
its child. One byte of shared memory lets the child know, so that a deployment need not wait for a
queue of ten thousand images.
"""

import logging
import mmap
import threading
from typing import Any

from celery.signals import worker_process_init, worker_shutting_down
from django.conf import settings
from django.db import connections

logger = logging.getLogger(__name__)

# Anonymous and shared: made in the parent before it forks its children.
_stopping = mmap.mmap(-1, 1)


def stop_is_asked_for() -> bool:
    """Whether this worker should finish the batch at hand and put the rest back."""
    return _stopping[0] != 0


@worker_shutting_down.connect
def ask_to_stop(**_: Any) -> None:
    """The parent process was told to stop."""
    _stopping[0] = 1


@worker_process_init.connect
def load_models_early(**_: Any) -> None:
    """Load the models in service in the background: Celery expects a child within 4 seconds."""
    if not settings.INFERENCE_LOAD_EARLY:
        return
    threading.Thread(target=_load_models, name="load-models", daemon=True).start()


def _load_models() -> None:
    from inference.selectors import models_in_service
    from inference.worker.loaded_models import loaded_models

    try:
        for version in models_in_service().order_by("state"):
            loaded_models.classifier(version)
    except Exception:
        # The first image will load it, or fail with the reason.
        logger.exception("The models in service could not be loaded early")
    finally:
        connections.close_all()
