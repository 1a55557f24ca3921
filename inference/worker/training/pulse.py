"""A training's sign of life, and how it hears that it should stop."""

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import InterfaceError, OperationalError, connection

from inference.services.training.leases import ClaimedRun, Standing, lease, report_training

logger = logging.getLogger(__name__)

SECONDS_BETWEEN = 1.0


class Stopped(Exception):
    """The run is to end here; says nothing of why."""


class Cancelled(Stopped):
    """Somebody cancelled it."""


class TakenAway(Stopped):
    """It was given up for lost, and is no longer this machine's."""


class MachineStops(Stopped):
    """The worker was told to stop: the run goes back into the queue."""


class Pulse:
    """Writes news at most once a second, and renews the lease with it.

    A database that cannot be reached for a moment does not end a training of days; one that stays
    away for longer than the lease does, because another machine may have been given the run.
    """

    def __init__(self, claimed: ClaimedRun, *, must_stop: Callable[[], bool]) -> None:
        self._claimed, self._must_stop = claimed, must_stop
        self._news: dict[str, Any] = {}
        self._last_try = self._last_success = time.monotonic()

    def beat(self, *, now: bool = False, **news: Any) -> None:
        """Remember the news and write them when their time has come. Raises Stopped."""
        self._news |= news
        if self._must_stop():
            raise MachineStops
        if not now and time.monotonic() - self._last_try < SECONDS_BETWEEN:
            return
        self._last_try = time.monotonic()
        try:
            standing = report_training(claimed=self._claimed, **self._news)
        except (OperationalError, InterfaceError) as error:
            self._bear_with_it(error)
            return
        self._last_success, self._news = time.monotonic(), {}
        if standing is Standing.CANCELLED:
            raise Cancelled
        if standing is Standing.TAKEN_AWAY:
            raise TakenAway

    def _bear_with_it(self, error: Exception) -> None:
        logger.warning("Training %s: the database does not answer: %s", self._claimed.run, error)
        silent = timedelta(seconds=time.monotonic() - self._last_success)
        if silent > lease():
            raise TakenAway from error
        if not connection.in_atomic_block:
            connection.close()
