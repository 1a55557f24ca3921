"""What somebody does who compares two visits, and where the pictures then stand."""

from collections.abc import Callable
from typing import NamedTuple

import pytest
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from clinic.models import Lesion
from tests.browser.waiting import drawn, until

SignedIn = Callable[..., Page]


class Standing(NamedTuple):
    """Where a picture stands: its middle in the window, its width on the screen, its turn."""

    x: float
    y: float
    width: float
    turn: float


STANDING = """side => {
  const image = document.querySelector(`[data-side="${side}"] img`);
  const window_ = image.parentElement.getBoundingClientRect();
  const box = image.getBoundingClientRect();
  const matrix = new DOMMatrix(getComputedStyle(image).transform);
  return {
    x: box.left + box.width / 2 - window_.left - window_.width / 2,
    y: box.top + box.height / 2 - window_.top - window_.height / 2,
    width: parseFloat(image.style.width) * Math.hypot(matrix.a, matrix.b),
    turn: Math.atan2(matrix.b, matrix.a) * 180 / Math.PI,
  };
}"""


def opened(page: Page, lesion: Lesion, query: str = "") -> Page:
    page.goto(reverse("lesion-timeline", args=[lesion.pk]) + query)
    expect(page.locator("#compare-stage.is-live")).to_be_visible()
    for side in ("left", "right"):
        until(page, lambda side=side: page.locator(f"[data-side={side}] img").evaluate(
            "image => image.complete && image.naturalWidth > 0 && image.style.transform !== ''"
        ))  # fmt: skip
    return page


def standing(page: Page, side: str) -> Standing:
    drawn(page)
    return Standing(**page.evaluate(STANDING, side))


def alike(page: Page) -> Standing:
    """Both pictures stand alike in their windows; where."""
    left, right = standing(page, "left"), standing(page, "right")
    assert left == pytest.approx(right, abs=0.5)
    return left


def middle(part: Locator) -> tuple[float, float]:
    box = part.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def divider(page: Page) -> Locator:
    return page.get_by_role("slider", name="Divider between the earlier and the later picture")


def cut(page: Page) -> float:
    """How much of the later picture is covered, in per cent of the width."""
    clip = page.locator("[data-side=right] .compare-window").evaluate("w => w.style.clipPath")
    return float(clip.removeprefix("inset(").split("%")[0].split()[-1])


class Fingers:
    """Fingers on the screen, as the browser gets them from the device."""

    def __init__(self, page: Page) -> None:
        self._session = page.context.new_cdp_session(page)

    def down(self, *fingers: tuple[float, float]) -> None:
        self._send("touchStart", *fingers)

    def move(self, *fingers: tuple[float, float]) -> None:
        self._send("touchMove", *fingers)

    def up(self) -> None:
        self._send("touchEnd")

    def _send(self, kind: str, *fingers: tuple[float, float]) -> None:
        points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(fingers)]
        self._session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
