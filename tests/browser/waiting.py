"""Waiting for what must have happened: as long as a busy machine needs, and no longer.

A passing test goes on the moment the thing is there, so the limits only say when a test gives up.
No test asserts a time.
"""

import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any, Self

import pytest
from django.core.signals import request_finished, request_started
from playwright.sync_api import Locator, Page, expect

EXPECT_MS = 30_000
ACTION_MS = 30_000
NAVIGATION_MS = 60_000
UNTIL_S = 20
STEP_MS = 20

# What was asked for is drawn in the next frame; by the one after that it is on the screen.
TWO_FRAMES = """() => new Promise(
  resolve => requestAnimationFrame(() => requestAnimationFrame(() => resolve()))
)"""


def until(page: Page, holds: Callable[[], bool]) -> None:
    """Wait in steps of a frame or so: the page's CSP forbids Playwright's own way of waiting."""
    give_up = time.monotonic() + UNTIL_S
    while not holds():
        if time.monotonic() > give_up:
            pytest.fail(f"It did not come to hold within {UNTIL_S} s.")
        page.wait_for_timeout(STEP_MS)


def drawn(page: Page) -> None:
    """What was asked for is on the screen, however slowly frames come."""
    page.evaluate(TWO_FRAMES)


def arrived(page: Page, sign: Locator) -> Page:
    """After a click that leads elsewhere: `sign` is what only the new page has; its scripts run.

    Until the new page is there, a click or a key would still meet the old one.
    """
    expect(sign).to_be_visible()
    page.wait_for_load_state()
    return page


def settled(page: Page) -> None:
    """Nothing is asked for any more: pictures, notes of who looked, what is fetched ahead."""
    page.wait_for_load_state("networkidle")


class OpenRequests:
    """Counts the requests that the live server has begun and not yet answered.

    A window that is closed leaves requests behind, whose rows and locks would meet a database that
    is being emptied for the next test.
    """

    def __init__(self) -> None:
        self._count = 0
        self._changed = threading.Condition()
        self._receivers = [
            (request_started, partial(self._add, 1)),
            (request_finished, partial(self._add, -1)),
        ]

    def __enter__(self) -> Self:
        for signal, receiver in self._receivers:
            signal.connect(receiver, weak=False)
        return self

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._count <= 0, timeout=UNTIL_S)
        for signal, receiver in self._receivers:
            signal.disconnect(receiver)

    def _add(self, change: int, **_: Any) -> None:
        if threading.current_thread() is threading.main_thread():
            return  # the test's own client, whose answers are not always closed
        with self._changed:
            self._count += change
            self._changed.notify_all()
