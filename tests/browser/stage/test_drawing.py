"""Each tool draws what the server then holds, whatever the picture's place on the screen."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from clinic.models import Annotation
from tests.browser.stage.actions import (
    annotate,
    bounds,
    drag,
    image_pixel,
    newest,
    on_screen,
    press,
    saved,
)
from tests.browser.stage.conftest import Desk
from tests.browser.waiting import drawn, until

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.browser.stage.urls"),
]

OpenDesk = Callable[..., Desk]
CORNERS = [(400.0, 300.0), (700.0, 320.0), (760.0, 600.0), (420.0, 560.0)]


def turn_and_zoom(page: Page) -> None:
    """A quarter turn to the right, then the wheel over the middle of the canvas."""
    page.keyboard.press("]")
    box = page.locator("#viewer-canvas").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.wheel(0, -200)
    until(page, lambda: float(page.locator("#viewer").get_attribute("data-zoom") or 0) > 1.3)


def assert_near(found: object, wanted: object, *, within: float) -> None:
    assert found == pytest.approx(wanted, abs=within)


@pytest.mark.parametrize("turned", [False, True])
def test_each_tool_draws_what_the_server_then_holds(desk: OpenDesk, turned: bool) -> None:
    case = desk()
    page = case.page
    annotate(page)
    if turned:
        turn_and_zoom(page)
    within = max(1.0, image_pixel(page))

    page.keyboard.press("r")
    drag(page, (450, 350), (650, 550))
    until(page, lambda: len(newest(case.image)) == 1)
    page.keyboard.press("e")
    drag(page, (460, 340), (700, 520))
    until(page, lambda: len(newest(case.image)) == 2)
    page.keyboard.press("p")
    for corner in [*CORNERS, CORNERS[0]]:
        press(page, corner)
    until(page, lambda: len(newest(case.image)) == 3)
    page.keyboard.press("o")
    drag(page, *CORNERS)
    until(page, lambda: len(newest(case.image)) == 4)
    saved(page)

    rectangle, ellipse, polygon, outline = newest(case.image)
    assert rectangle.target["value"].startswith("xywh=pixel:")
    assert_near(bounds(rectangle.points), (450, 350, 650, 550), within=within)
    assert "<ellipse" in ellipse.target["value"]
    assert_near(bounds(ellipse.points), (460, 340, 700, 520), within=within + 1)
    assert len(polygon.points) == 4
    for found, wanted in zip(polygon.points, CORNERS, strict=True):
        assert_near(found, list(wanted), within=within)
    assert_near(bounds(outline.points), bounds(CORNERS), within=within + 1)
    assert {row.label for row in newest(case.image)} == {"globules"}


def test_a_shape_is_moved_by_its_middle_and_stretched_by_its_corner(desk: OpenDesk) -> None:
    case = desk()
    page = case.page
    annotate(page)
    page.keyboard.press("r")
    drag(page, (300, 300), (500, 500))
    saved(page)
    page.keyboard.press("v")
    turn_and_zoom(page)
    within = 2 * image_pixel(page)
    drag(page, (400, 400), (480, 440))
    until(page, lambda: newest(case.image)[0].version == 2)
    assert_near(bounds(newest(case.image)[0].points), (380, 340, 580, 540), within=within)
    drag(page, (580, 540), (700, 640))
    until(page, lambda: newest(case.image)[0].version == 3)
    assert_near(bounds(newest(case.image)[0].points), (380, 340, 700, 640), within=within)


def test_turning_and_zooming_moves_no_shape(desk: OpenDesk) -> None:
    case = desk()
    page = case.page
    annotate(page)
    page.keyboard.press("p")
    for corner in [*CORNERS, CORNERS[0]]:
        press(page, corner)
    until(page, lambda: len(newest(case.image)) == 1)
    before = newest(case.image)[0].points
    page.keyboard.press("v")
    for key in ("]", "+", "]", "+", "[", "z", "0", "]", "]"):
        page.keyboard.press(key)
        drawn(page)
        handle = page.locator("[data-handle='corner-1']").bounding_box()
        assert handle is not None
        middle = (handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2)
        assert_near(middle, on_screen(page, (before[1][0], before[1][1])), within=1.5)
    assert newest(case.image)[0].points == before
    assert Annotation.objects.filter(image=case.image).count() == 1


def test_a_corner_is_added_in_the_middle_of_a_side_and_taken_away_again(desk: OpenDesk) -> None:
    case = desk()
    page = case.page
    annotate(page)
    page.keyboard.press("p")
    for corner in [*CORNERS, CORNERS[0]]:
        press(page, corner)
    until(page, lambda: len(newest(case.image)) == 1)
    page.keyboard.press("v")
    middle = ((CORNERS[0][0] + CORNERS[1][0]) / 2, (CORNERS[0][1] + CORNERS[1][1]) / 2)
    drag(page, middle, (550, 200))
    until(page, lambda: len(newest(case.image)[0].points) == 5)
    assert_near(newest(case.image)[0].points[1], [550, 200], within=2 * image_pixel(page))
    page.mouse.dblclick(*on_screen(page, (550, 200)))
    until(page, lambda: len(newest(case.image)[0].points) == 4)


def test_a_shape_never_leaves_the_image(desk: OpenDesk) -> None:
    case = desk()
    page = case.page
    annotate(page)
    page.keyboard.press("r")
    drag(page, (1000, 700), (1600, 1200))
    until(page, lambda: len(newest(case.image)) == 1)
    page.keyboard.press("v")
    drag(page, (1100, 800), (1190, 890))
    page.wait_for_timeout(300)
    assert_near(bounds(newest(case.image)[0].points)[2:], (1200, 900), within=1)


def test_what_is_undone_and_done_again_is_what_the_server_holds(desk: OpenDesk) -> None:
    case = desk()
    page = case.page
    annotate(page)
    page.keyboard.press("r")
    drag(page, (300, 300), (500, 500))
    until(page, lambda: len(newest(case.image)) == 1)
    page.keyboard.press("v")
    drag(page, (400, 400), (600, 400))
    until(page, lambda: newest(case.image)[0].version == 2)
    page.keyboard.press("Delete")
    until(page, lambda: newest(case.image) == [])
    page.keyboard.press("Control+z")
    until(page, lambda: len(newest(case.image)) == 1)
    assert_near(bounds(newest(case.image)[0].points)[0], 500, within=3)
    page.keyboard.press("Control+z")
    until(page, lambda: bounds(newest(case.image)[0].points)[0] < 310)
    page.keyboard.press("Control+z")
    until(page, lambda: newest(case.image) == [])
    for _ in range(2):
        page.keyboard.press("Control+Shift+z")
    until(page, lambda: len(newest(case.image)) == 1)
    until(page, lambda: bounds(newest(case.image)[0].points)[0] > 490)
    saved(page)


def test_a_new_page_shows_what_was_drawn(desk: OpenDesk) -> None:
    case = desk()
    page = case.page
    annotate(page, "Streaks")
    page.keyboard.press("e")
    drag(page, (300, 300), (500, 500))
    saved(page)
    case.open()
    page.keyboard.press("a")
    page.keyboard.press("j")
    row = page.get_by_role("region", name="Annotations of this image").get_by_role("listitem")
    expect(row).to_contain_text("Streaks")
    press(page, (400, 400))
    expect(row).to_have_attribute("aria-current", "true")
    expect(page.locator("[data-handle='se']")).to_be_visible()
