"""What a dermatologist does on the review screen, and what the screen then shows."""

import re
from collections.abc import Callable

from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from accounts.models import Organisation
from clinic.models import Case, ReadingPolicy
from tests.factories import PASSWORD

SignedIn = Callable[..., Page]
Accessible = Callable[..., None]
PICTURE_STYLE = "getComputedStyle(document.querySelector('#viewer-picture'))"
SAVED = re.compile(r"Saved \d\d:\d\d:\d\d")


def review(page: Page, case: Case) -> Page:
    """Open a case and wait until it can be worked on."""
    page.goto(reverse("case-review", args=[case.pk]))
    return ready(page)


def ready(page: Page) -> Page:
    expect(page.locator("#room")).to_have_attribute("data-ready", "true")
    expect(page.locator("#viewer")).to_have_attribute("data-state", "shown")
    return page


def prove(page: Page) -> None:
    """Prove who signs, as in another tab a moment ago."""
    token = next(one["value"] for one in page.context.cookies() if one["name"] == "csrftoken")
    answer = page.context.request.post(
        reverse("signing"),
        form={"password": PASSWORD},
        headers={"X-CSRFToken": token, "Accept": "application/json", "Referer": page.url},
    )
    assert answer.ok, answer.text()


def commit(page: Page) -> None:
    """Commit by the key, and wait for the desk's second shape."""
    page.keyboard.press("Control+Enter")
    expect(page.locator("#decide-title")).to_be_focused()


def read_in_the_open(organisation: Organisation) -> None:
    """The organisation shows the model's answer from the start."""
    ReadingPolicy.objects.create(organisation=organisation, blind=False)


def combobox(page: Page) -> Locator:
    return page.get_by_role("combobox", name="Diagnosis").first


def state(page: Page) -> Locator:
    """What has become of the draft."""
    return page.locator("#save-state")


def transform(page: Page) -> str:
    return str(page.evaluate(f"{PICTURE_STYLE}.transform"))


def scale(page: Page) -> float:
    """1 where the whole picture is seen."""
    return float(page.locator("#viewer").get_attribute("data-zoom") or 0)
