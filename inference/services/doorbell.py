"""Waking a worker. A bell that does not ring loses nothing: the sweep finds the rows."""

import logging

from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


def ring_doorbell() -> None:
    """Send one `drain_task`, without waiting for a broker that is down."""
    from inference.tasks import drain_task

    try:
        drain_task.apply_async(retry=False)
    except (OperationalError, OSError) as error:
        logger.warning("The broker did not take the doorbell; the sweep will find it: %s", error)
