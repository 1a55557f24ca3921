"""Two visits move as one by mouse and keyboard; the later one alone while it is aligned."""

import pytest
from playwright.sync_api import expect

from accounts.models import User
from clinic.models import Lesion
from tests.browser.timeline.actions import SignedIn, alike, cut, divider, middle, opened, standing
from tests.browser.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


# ---- Mouse -------------------------------------------------------------------------------------


def test_the_wheel_zooms_both_at_the_pointer_and_a_drag_moves_both(
    signed_in: SignedIn, dana: User, lesion: Lesion
) -> None:
    page = opened(signed_in(dana), lesion)
    whole = alike(page)
    box = page.locator("[data-side=left] .compare-window").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] * 0.25, box["y"] + box["height"] * 0.4
    page.mouse.move(x, y)
    page.mouse.wheel(0, -240)
    until(page, lambda: standing(page, "right").width > whole.width)
    zoomed = alike(page)
    by = zoomed.width / whole.width
    assert by == pytest.approx(2.718281828 ** (240 * 0.0022), rel=0.01)
    # What lay under the pointer still does.
    offset = x - (box["x"] + box["width"] / 2)
    assert zoomed.x == pytest.approx(offset * (1 - by), abs=1)
    page.mouse.down()
    page.mouse.move(x + 40, y + 25, steps=4)
    page.mouse.up()
    moved = alike(page)
    assert (moved.x - zoomed.x, moved.y - zoomed.y) == pytest.approx((40, 25), abs=1)
    page.mouse.dblclick(x, y)
    assert alike(page) == pytest.approx(whole, abs=0.5)


def test_the_toolbar_zooms_turns_and_fits(signed_in: SignedIn, dana: User, lesion: Lesion) -> None:
    page = opened(signed_in(dana), lesion)
    whole = alike(page)
    page.get_by_role("button", name="Zoom in").click()
    assert alike(page).width == pytest.approx(whole.width * 1.35, rel=0.01)
    expect(page.locator("#compare-zoom")).to_have_text("135\u00a0%")
    page.get_by_role("button", name="Turn by a quarter").click()
    assert alike(page).turn == pytest.approx(90)
    page.get_by_role("button", name="Zoom out").click()
    page.get_by_role("button", name="Fit to the window").click()
    fitted = alike(page)
    window = page.locator("[data-side=left] .compare-window").bounding_box()
    assert window is not None
    assert fitted.width <= window["height"] + 1  # its width stands upright now


def test_the_divider_follows_the_mouse(signed_in: SignedIn, dana: User, lesion: Lesion) -> None:
    page = opened(signed_in(dana), lesion)
    expect(divider(page)).to_be_hidden()
    page.get_by_role("button", name="Swipe").click()
    x, y = middle(divider(page))
    stage = page.locator("#compare-stage").bounding_box()
    assert stage is not None
    page.mouse.move(x + 8, y)
    page.mouse.down()
    page.mouse.move(x + 8 + stage["width"] / 4, y, steps=5)
    page.mouse.up()
    expect(divider(page)).to_have_attribute("aria-valuenow", "75")
    assert cut(page) == pytest.approx(75, abs=0.5)
    # Taking the line does not move the pictures.
    assert alike(page).x == pytest.approx(0, abs=0.5)
    page.mouse.move(stage["x"] + 40, stage["y"] + 40)
    page.mouse.wheel(0, -200)
    until(page, lambda: standing(page, "right").width > stage["height"])
    alike(page)


# ---- Keyboard ----------------------------------------------------------------------------------


def test_keys_on_the_pictures_move_both(signed_in: SignedIn, dana: User, lesion: Lesion) -> None:
    page = opened(signed_in(dana), lesion)
    whole = alike(page)
    page.locator("#compare-stage").focus()
    for key in ("+", "+", "ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
    moved = alike(page)
    assert moved.width == pytest.approx(whole.width * 1.35**2, rel=0.01)
    assert (moved.x, moved.y) == pytest.approx((-60, -60), abs=1)
    page.keyboard.press("r")
    assert alike(page).turn == pytest.approx(90)
    for key in ("r", "r", "r", "0"):
        page.keyboard.press(key)
    assert alike(page) == pytest.approx(whole, abs=0.5)
    # Not where somebody types or presses buttons.
    page.locator("body").click(position={"x": 5, "y": 5})
    page.keyboard.press("+")
    assert alike(page) == pytest.approx(whole, abs=0.5)


def test_the_divider_is_a_slider_for_the_keyboard(
    signed_in: SignedIn, dana: User, lesion: Lesion
) -> None:
    page = opened(signed_in(dana), lesion)
    page.locator("#compare-stage").focus()
    page.keyboard.press("v")
    page.keyboard.press("Tab")
    expect(divider(page)).to_be_focused()
    steps = {"ArrowRight": 52, "ArrowLeft": 50, "PageUp": 60, "Shift+ArrowLeft": 50, "Home": 0,
             "End": 100, "PageDown": 90}  # fmt: skip
    for key, value in steps.items():
        page.keyboard.press(key)
        expect(divider(page)).to_have_attribute("aria-valuenow", str(value))
        assert cut(page) == pytest.approx(value)
    expect(divider(page)).to_have_attribute(
        "aria-valuetext", "Earlier picture 90 %, later picture 10 %"
    )
    page.keyboard.press("v")  # a key of the pictures works on the line too
    expect(divider(page)).to_be_hidden()


def test_the_later_picture_is_aligned_by_keys_and_stays_aligned_at_every_zoom(
    signed_in: SignedIn, dana: User, lesion: Lesion
) -> None:
    page = opened(signed_in(dana), lesion)
    whole = alike(page)
    page.locator("#compare-stage").focus()
    page.keyboard.press("a")
    for key in ("ArrowRight", "ArrowRight", "Shift+ArrowUp", "]", "]", "]", "+"):
        page.keyboard.press(key)
    assert standing(page, "left") == pytest.approx(whole, abs=0.5)
    shifted = standing(page, "right")
    assert (shifted.x, shifted.y) == pytest.approx((4, -20), abs=0.5)
    assert shifted.turn == pytest.approx(3, abs=0.01)
    assert shifted.width == pytest.approx(whole.width * 1.01, rel=0.001)
    expect(page.get_by_text("The later picture is aligned by hand.")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("+")
    assert standing(page, "left").width == pytest.approx(whole.width * 1.35, rel=0.01)
    zoomed = standing(page, "right")
    assert (zoomed.x, zoomed.y) == pytest.approx((4 * 1.35, -20 * 1.35), abs=0.5)
    page.get_by_role("button", name="Align", exact=True).click()
    page.get_by_role("button", name="Reset").click()
    alike(page)


def test_a_drag_while_aligning_moves_the_later_picture_alone(
    signed_in: SignedIn, dana: User, lesion: Lesion
) -> None:
    page = opened(signed_in(dana), lesion)
    page.get_by_role("button", name="Turn by a quarter").click()
    whole = standing(page, "left")
    page.get_by_role("button", name="Align", exact=True).click()
    x, y = middle(page.locator("[data-side=right] .compare-window"))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 30, y - 12, steps=3)
    page.mouse.up()
    shifted = standing(page, "right")
    assert (shifted.x, shifted.y) == pytest.approx((30, -12), abs=1)
    assert standing(page, "left") == pytest.approx(whole, abs=0.5)
