"""Waking a worker. A bell that does not ring loses nothing: the sweep finds the rows.

Whoever rings is a web request that has just stored somebody's image. It must not wait for a broker
that is down: one quick try, and then silence for a few seconds.
"""

import logging
import time
from typing import Any

from celery import Task, current_app
from django.db import connection, transaction
from kombu.exceptions import KombuError
from kombu.pools import producers

logger = logging.getLogger(__name__)

# Without these, kombu and redis-py go on trying for six seconds.
IMPATIENT = {
    "socket_connect_timeout": 0.5,
    "socket_timeout": 1,
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
}
QUIET_SECONDS = 10
# The sweep rings every minute: an older bell has nothing to add.
BELL_LIVES_SECONDS = 60

_quiet_until = 0.0


class _Bell:
    """Rings once, however many savepoints of one transaction have asked for it."""

    def __init__(self) -> None:
        self._has_rung = False

    def __call__(self) -> None:
        if not self._has_rung:
            self._has_rung = True
            ring_doorbell()


def ring_on_commit() -> None:
    """Ring once when the current transaction commits, however often this is called within it."""
    hooks: list[tuple[Any, ...]] = [*connection.run_on_commit]
    waiting = (hook[1] for hook in reversed(hooks))
    bell = next((function for function in waiting if isinstance(function, _Bell)), None)
    # Asked for again in each savepoint: what one of them registered goes if it is rolled back.
    transaction.on_commit(bell or _Bell())


def ring_doorbell() -> None:
    """Send one `drain_task`. Never raises because of the broker, never takes long."""
    from inference.tasks import drain_task

    send_task(drain_task, expires=BELL_LIVES_SECONDS)


def send_task(task: "Task[Any, Any]", *arguments: str, expires: float = 24 * 3600) -> None:
    """Send a message if the broker takes it at once. The sweep does what is lost here."""
    global _quiet_until  # noqa: PLW0603  # one process, one broker
    if time.monotonic() < _quiet_until:
        return
    options = current_app.conf.broker_transport_options | IMPATIENT
    broker = current_app.connection_for_write(transport_options=options)
    failures: tuple[type[BaseException], ...] = (
        KombuError,
        OSError,
        *broker.connection_errors,
        *broker.channel_errors,
    )
    try:
        with producers[broker].acquire(block=True, timeout=1) as producer:
            task.apply_async(arguments, producer=producer, retry=False, expires=expires)
    except failures as error:
        _quiet_until = time.monotonic() + QUIET_SECONDS
        logger.warning("The broker took no message; the sweep will see to it: %s", error)
