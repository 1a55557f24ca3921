"""What a dermatologist does on the review screen, and what the screen then shows."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from clinic.models import Case

SignedIn = Callable[..., Page]
Accessible = Callable[..., None]
PICTURE_STYLE = "getComputedStyle(document.querySelector('#viewer-picture'))"


def review(page: Page, case: Case) -> Page:
    page.goto(reverse("case-review", args=[case.pk]))
    expect(page.locator("#viewer")).to_have_attribute("data-state", "shown")
    return page


def combobox(page: Page) -> object:
    return page.get_by_role("combobox", name="Diagnosis").first


def until(page: Page, holds: Callable[[], bool]) -> None:
    """Wait in steps of a frame or so: the page's CSP forbids Playwright's own way of waiting."""
    for _ in range(150):
        if holds():
            return
        page.wait_for_timeout(20)
    pytest.fail("It did not come to hold within 3 s.")


def transform(page: Page) -> str:
    return str(page.evaluate(f"{PICTURE_STYLE}.transform"))


def scale(page: Page) -> float:
    """1 where the whole picture is seen."""
    return float(page.locator("#viewer").get_attribute("data-zoom") or 0)
