"""Hears what a page complains about, and asks axe what it finds."""

import re

from playwright.sync_api import ConsoleMessage, Page


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
    are CSS selectors of parts that somebody else draws.
    """
    page.evaluate(source)
    results = page.evaluate(
        "leaveOut => axe.run({exclude: leaveOut.map(selector => [selector])})", list(leave_out)
    )
    return [
        f"{violation['id']} ({violation['impact']}): {violation['help']}: "
        + " | ".join(node["html"][:200] for node in violation["nodes"][:5])
        for violation in results["violations"]
    ]
