"""A model answers only after a worker has prepared it."""

from accounts.errors import Conflict
from inference.models import ModelVersion


def require_prepared(version: ModelVersion) -> None:
    """Raise Conflict with the reason why it cannot answer yet."""
    if version.prepared_at is not None:
        return
    if version.preparation_error:
        msg = f"{version} could not be prepared: {version.preparation_error}"
        raise Conflict(msg, code="preparation_failed")
    msg = f"{version} is still being prepared by a worker. Try again in a minute."
    raise Conflict(msg, code="not_prepared")
