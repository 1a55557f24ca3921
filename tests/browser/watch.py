"""Hears what a page complains about, and asks axe what it finds."""

import re
import time
from typing import Any

from playwright.sync_api import ConsoleMessage, Error, JSHandle, Page

from tests.browser.waiting import UNTIL_S

# A colour on its way from one to another has a contrast that nobody reads.
AT_REST = """() => Promise.all(document.getAnimations()
  .filter(one => one.playState === "running"
    && Number.isFinite(one.effect?.getComputedTiming().endTime))
  .map(one => one.finished.catch(() => null))).then(() => undefined)"""
RUN = "leaveOut => axe.run({exclude: leaveOut.map(selector => [selector])})"


class PageWatch:
    """Collects console errors (which include every breach of the CSP) and uncaught exceptions."""

    def __init__(self) -> None:
        self._heard: list[str] = []
        self._allowed: list[re.Pattern[str]] = []

    def attach(self, page: Page) -> None:
        """Listen to a page, before it opens its first address."""
        page.on("console", self._hear_console)
        page.on("pageerror", lambda error: self._heard.append(f"uncaught: {error} ({page.url})"))

    def allow(self, pattern: str) -> None:
        """Expect a complaint: a test of a refusal causes “status of 422” and means to."""
        self._allowed.append(re.compile(pattern))

    @property
    def problems(self) -> list[str]:
        """What was heard and not allowed."""
        return [line for line in self._heard if not any(p.search(line) for p in self._allowed)]

    def _hear_console(self, message: ConsoleMessage) -> None:
        address = message.location.get("url", "")
        # axe measures with inline styles, which come from no address; a page's own have one.
        if message.type == "error" and (address or "inline style" not in message.text):
            self._heard.append(f"console: {message.text} ({address})")


def axe_violations(page: Page, source: str, *, leave_out: tuple[str, ...] = ()) -> list[str]:
    """One line for each broken rule with the elements that break it.

    The checker comes in through the debugger, to which the page's CSP does not apply. `leave_out`
    are CSS selectors of parts that somebody else draws. Transitions are waited for.
    """
    results = _run(page, source, leave_out)
    return [
        f"{violation['id']} ({violation['impact']}): {violation['help']}: "
        + " | ".join(node["html"][:200] for node in violation["nodes"][:5])
        for violation in results["violations"]
    ]


def _run(page: Page, source: str, leave_out: tuple[str, ...]) -> dict[str, Any]:
    """Ask axe, and ask again where the page was left for another one meanwhile."""
    give_up = time.monotonic() + UNTIL_S
    while True:
        page.wait_for_load_state()
        looked_at = None
        try:
            looked_at = page.evaluate_handle("document")
            page.evaluate(AT_REST)
            page.evaluate(source)
            return dict(page.evaluate(RUN, list(leave_out)))
        except Error:
            if _is_there(looked_at) or time.monotonic() > give_up:
                raise


def _is_there(document: JSHandle | None) -> bool:
    """Whether the page still shows this document."""
    try:
        return document is not None and bool(
            document.evaluate("looked => looked === window.document && looked.defaultView !== null")
        )
    except Error:
        return False
