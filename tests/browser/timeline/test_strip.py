"""The strip of visits above the review, and the criteria under it, as they stand in the room."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts.models import User
from clinic.models import Case, Lesion, Read
from tests.browser.timeline.actions import SignedIn
from tests.browser.waiting import settled, until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def reviewed(page: Page) -> Page:
    page.goto(reverse("case-review", args=[Case.objects.get(number=3).pk]))
    expect(page.get_by_role("navigation", name="Visits of lesion 1")).to_be_visible()
    return page


def test_the_strip_leads_from_the_review_to_the_comparison_with_this_visit(
    signed_in: SignedIn, dana: User, lesion: Lesion
) -> None:
    page = reviewed(signed_in(dana))
    strip = page.get_by_role("navigation", name="Visits of lesion 1")
    expect(strip.get_by_role("link")).to_have_count(4)
    expect(strip).to_contain_text("Melanoma, malignant")
    expect(strip).to_contain_text("This visit")
    strip.get_by_role("link", name="This visit").click()
    expect(page.get_by_role("heading", name="Lesion 1 over time")).to_be_visible()
    expect(page.locator("#visit-line li").last.locator(".is-chosen")).to_have_text("Right")
    settled(page)


def test_criteria_ticked_in_the_room_are_kept_with_the_draft(
    signed_in: SignedIn, dana: User, lesion: Lesion
) -> None:
    page = reviewed(signed_in(dana))
    page.locator(".criteria > summary").click()
    page.get_by_label("Blue-whitish veil").check()
    page.get_by_label("Irregular streaks").check()
    expect(page.locator("[data-criteria-short]")).to_have_text("7-point 3")

    def is_kept() -> bool:
        read = Read.objects.filter(case__number=3, reader=dana).first()
        return read is not None and read.criteria.get("seven_point", {}).get("score") == 3

    until(page, is_kept)


@pytest.mark.parametrize("width", [820, 390])
def test_nothing_of_it_makes_the_page_wider_than_the_screen(
    signed_in: SignedIn, dana: User, lesion: Lesion, width: int
) -> None:
    page = reviewed(signed_in(dana, width=width))
    page.locator(".criteria > summary").click()
    expect(page.get_by_label("Blue-whitish veil")).to_be_visible()
    over = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(over) <= 0


def test_the_room_with_both_is_accessible(
    signed_in: SignedIn, dana: User, lesion: Lesion, assert_accessible: Callable[..., None]
) -> None:
    page = reviewed(signed_in(dana))
    page.locator(".criteria > summary").click()
    expect(page.get_by_label("Blue-whitish veil")).to_be_visible()
    assert_accessible(page)
