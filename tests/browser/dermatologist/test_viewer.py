"""The picture: zoom, saliency, film strip, and what arrives late."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import Route, expect

from accounts.models import Organisation, User
from tests.browser.dermatologist.actions import (
    SignedIn,
    combobox,
    read_in_the_open,
    review,
    scale,
    transform,
)
from tests.browser.waiting import until
from tests.browser.watch import PageWatch
from tests.clinic.reading_cases import answer_to, waiting_case

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_picture_zooms_and_moves_by_keys_wheel_and_drag(
    signed_in: SignedIn, dana: User, northside: Organisation
) -> None:
    page = review(signed_in(dana), waiting_case(northside))
    assert scale(page) == 1
    page.keyboard.press("+")
    page.keyboard.press("+")
    until(page, lambda: scale(page) > 1.5)
    before = transform(page)
    page.keyboard.press("ArrowRight")
    until(page, lambda: transform(page) != before)
    page.keyboard.press("0")
    until(page, lambda: scale(page) == 1)
    box = page.locator("#viewer-canvas").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    for _ in range(6):
        page.mouse.wheel(0, -300)
    until(page, lambda: scale(page) > 1.5)
    before = transform(page)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 + 90, box["y"] + box["height"] / 2 + 40, steps=4)
    page.mouse.up()
    until(page, lambda: transform(page) != before)
    expect(page.locator("#viewer-zoom")).to_contain_text("%")


def test_two_fingers_zoom_the_picture(
    signed_in: SignedIn, dana: User, northside: Organisation
) -> None:
    page = review(
        signed_in(dana, width=390, height=844, has_touch=True, is_mobile=True),
        waiting_case(northside),
    )
    box = page.locator("#viewer-canvas").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    touch = page.context.new_cdp_session(page)

    def fingers(kind: str, apart: float) -> None:
        points = [{"x": x - apart, "y": y, "id": 1}, {"x": x + apart, "y": y, "id": 2}]
        touch.send(
            "Input.dispatchTouchEvent", {"type": kind, "touchPoints": points if apart else []}
        )

    fingers("touchStart", 30)
    for apart in range(35, 121, 5):
        fingers("touchMove", apart)
    fingers("touchEnd", 0)
    until(page, lambda: scale(page) > 1.3)


def test_the_saliency_map_lies_on_the_picture_and_goes_again(
    signed_in: SignedIn, dana: User, northside: Organisation
) -> None:
    read_in_the_open(northside)
    page = review(signed_in(dana), waiting_case(northside, images=2))
    overlay, switch = page.locator("#viewer-map"), page.get_by_role("button", name="Saliency map")
    expect(overlay).to_be_hidden()
    page.keyboard.press("s")
    expect(overlay).to_be_visible()
    expect(switch).to_have_attribute("aria-pressed", "true")
    until(page, lambda: overlay.evaluate("map => map.complete && map.naturalWidth") > 0)
    image = page.locator("#viewer-image")
    until(page, lambda: overlay.bounding_box() == image.bounding_box())
    page.keyboard.press(".")  # the next image starts without it: the first look is at the skin
    expect(overlay).to_be_hidden()
    switch.click()
    expect(overlay).to_be_visible()
    switch.click()
    expect(overlay).to_be_hidden()


def test_the_next_image_opens_its_lesion(
    signed_in: SignedIn, dana: User, northside: Organisation
) -> None:
    case = waiting_case(northside, lesions=2, images=2)
    page = review(signed_in(dana), case)
    for expected in (2, 3):
        page.keyboard.press(".")
        expect(page.locator(f"#film-strip li:nth-child({expected}) a")).to_have_attribute(
            "aria-current", "true"
        )
    expect(page.locator(".place").nth(1)).to_have_attribute("open", "")
    expect(page.locator(".place").nth(0)).not_to_have_attribute("open", "")
    expect(page).to_have_url(re.compile("image="))
    page.keyboard.press("l")
    expect(page.locator("#film-strip li:nth-child(1) a")).to_have_attribute("aria-current", "true")


def test_an_image_that_does_not_load_says_so_and_loads_again(
    signed_in: SignedIn, dana: User, northside: Organisation, watch: PageWatch
) -> None:
    watch.allow("ERR_FAILED")
    page = signed_in(dana)
    case = waiting_case(northside)
    failing = re.compile(r"/images/[^/]+/(file|screen)/")

    def refuse(route: Route) -> None:
        route.abort()

    page.route(failing, refuse)
    page.goto(reverse("case-review", args=[case.pk]))
    expect(page.get_by_text("This image could not be loaded.")).to_be_visible()
    page.unroute(failing, refuse)
    page.get_by_role("button", name="Load it again").click()
    expect(page.locator("#viewer")).to_have_attribute("data-state", "shown")
    expect(page.get_by_text("This image could not be loaded.")).to_be_hidden()


def test_a_late_answer_is_announced_and_moves_nothing(
    signed_in: SignedIn, dana: User, northside: Organisation
) -> None:
    read_in_the_open(northside)
    case = waiting_case(northside, answer="queued")
    page = review(signed_in(dana), case)
    expect(page.get_by_text("The model has not answered yet.")).to_be_visible()
    image = case.images.get()
    image.predictions.all().delete()
    answer_to(image)
    expect(page.get_by_role("button", name="Show its answer")).to_be_visible()
    page.get_by_role("button", name="Show its answer").click()
    expect(page.get_by_role("button", name="Confirm Melanoma")).to_be_visible()
    page.keyboard.press("c")
    expect(combobox(page)).to_have_value("Melanoma")
