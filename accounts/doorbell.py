"""Waking a worker. A bell that does not ring loses nothing: a sweep finds the rows.

Whoever rings is a web request that has just stored somebody's work. It must not wait for a broker
that is down: one quick try, and then silence for a few seconds.
"""

import logging
import time
from collections.abc import Callable
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
# Sweeps ring every minute: an older bell has nothing to add.
BELL_LIVES_SECONDS = 60

_quiet_until = 0.0


class _Bell:
    """Rings once, however many savepoints of one transaction have asked for it."""

    def __init__(self, ring: Callable[[], None]) -> None:
        self.ring = ring
        self._has_rung = False

    def __call__(self) -> None:
        if not self._has_rung:
            self._has_rung = True
            self.ring()


def once_on_commit(ring: Callable[[], None]) -> None:
    """Call `ring` once when the current transaction commits, however often this is asked in it."""
    hooks: list[tuple[Any, ...]] = [*connection.run_on_commit]
    waiting = (hook[1] for hook in reversed(hooks))
    bells = (hook for hook in waiting if isinstance(hook, _Bell) and hook.ring == ring)
    # Asked for again in each savepoint: what one of them registered goes if it is rolled back.
    transaction.on_commit(next(bells, None) or _Bell(ring))


def send_task(task: "Task[Any, Any]", *arguments: str, expires: float = 24 * 3600) -> None:
    """Send a message if the broker takes it at once. The sweep does what is lost here.

    Never raises because of the broker, never takes long. Whoever calls this inside a transaction
    does it through `once_on_commit` or `transaction.on_commit`.
    """
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
