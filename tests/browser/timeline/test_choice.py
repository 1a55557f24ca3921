"""Which two visits stand there, at what scale, and who can read it."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from accounts.models import Organisation, User
from clinic.models import Lesion
from tests.browser.timeline.actions import SignedIn, divider, opened, standing
from tests.browser.waiting import arrived, settled
from tests.clinic.lesion_history import visit
from tests.factories import LesionFactory, PatientFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_pictures_of_known_spacing_are_shown_at_one_scale(
    signed_in: SignedIn, dana: User, northside: Organisation
) -> None:
    found = LesionFactory(patient=PatientFactory(organisation=northside))
    visit(found, days_ago=100, number=1, pixel_spacing_um=20.0)
    visit(found, days_ago=1, number=2, pixel_spacing_um=30.0)
    page = opened(signed_in(dana), found)
    left, right = standing(page, "left"), standing(page, "right")
    assert right.width / left.width == pytest.approx(1.5, rel=0.001)
    expect(page.get_by_text("Both at the same scale")).to_be_visible()


def test_the_original_comes_where_the_zoom_asks_for_more_than_the_rendition_has(
    signed_in: SignedIn, dana: User, northside: Organisation
) -> None:
    found = LesionFactory(patient=PatientFactory(organisation=northside))
    small = visit(found, days_ago=100, number=1)
    large = visit(found, days_ago=1, number=2, size=(4000, 3000), radii=(800, 600))
    page = opened(signed_in(dana), found)
    left, right = (page.locator(f"[data-side={side}] img") for side in ("left", "right"))
    screens = [reverse("image-screen", args=[case.images.get().pk]) for case in (small, large)]
    page.get_by_role("button", name="Zoom in").click()
    page.wait_for_timeout(400)
    expect(right).to_have_attribute("src", screens[1])
    before = standing(page, "right")
    for _ in range(6):
        page.get_by_role("button", name="Zoom in").click()
    expect(right).to_have_attribute("src", reverse("image-file", args=[large.images.get().pk]))
    expect(left).to_have_attribute("src", screens[0])  # it has no more
    # The new picture lies where the old one lay.
    assert standing(page, "right").width == pytest.approx(before.width * 1.35**6, rel=0.01)


def test_links_choose_other_visits_and_the_way_of_showing_stays(
    signed_in: SignedIn, dana: User, lesion: Lesion
) -> None:
    page = opened(signed_in(dana), lesion)
    page.get_by_role("button", name="Swipe").click()
    first = page.locator("#visit-line li").first
    first.get_by_role("link", name="Left").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#visit-line li").first.locator(".is-chosen")).to_have_text("Left")
    expect(divider(page)).to_be_visible()
    expect(page.get_by_role("heading", name="16 months apart")).to_be_visible()
    expect(page.locator(".change")).to_contain_text("mm²")
    page.go_back()
    expect(page.locator("#visit-line li").nth(1).locator(".is-chosen")).to_have_text("Left")
    settled(page)


def test_without_a_script_both_pictures_stand_there_and_links_choose(
    signed_in: SignedIn, dana: User, lesion: Lesion
) -> None:
    page = signed_in(dana, java_script_enabled=False)
    page.goto(reverse("lesion-timeline", args=[lesion.pk]))
    left = page.locator("[data-side=left] img").bounding_box()
    right = page.locator("[data-side=right] img").bounding_box()
    assert left is not None
    assert right is not None
    assert left["x"] + left["width"] <= right["x"]
    assert left["width"] == pytest.approx(right["width"], abs=1)
    expect(page.locator("#compare-tools")).to_be_hidden()
    expect(divider(page)).to_be_hidden()
    page.locator("#visit-line li").first.get_by_role("link", name="Left").click()
    arrived(page, page.get_by_role("heading", name="16 months apart"))
    settled(page)


@pytest.mark.parametrize("width", [1440, 820, 390])
@pytest.mark.parametrize("view", ["", "swipe"])
def test_it_can_be_read_by_everybody_at_every_width(
    signed_in: SignedIn,
    dana: User,
    lesion: Lesion,
    assert_accessible: Callable[..., None],
    width: int,
    view: str,
) -> None:
    page = opened(signed_in(dana, width=width), lesion, f"?view={view}")
    align = page.get_by_role("button", name="Align", exact=True)
    align.click()
    expect(align).to_have_attribute("aria-pressed", "true")
    assert_accessible(page)
    over = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(over) <= 0
