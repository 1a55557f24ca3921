"""Two visits of a lesion in a real browser: by mouse, touch and keyboard, and without a script."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from accounts.models import Organisation, User
from clinic.models import Lesion
from tests.clinic.lesion_history import visit
from tests.factories import LesionFactory, PatientFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SignedIn = Callable[..., Page]
SPACING = 20.0


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


@pytest.fixture
def lesion(northside: Organisation, dana: User) -> Lesion:
    """Seen three times: twice signed and outlined, the last time waiting."""
    found = LesionFactory(patient=PatientFactory(organisation=northside, family_name="Halvorsen"))
    common: dict[str, Any] = {"outlined_by": dana, "signed_by": dana, "pixel_spacing_um": SPACING}
    visit(found, days_ago=500, number=1, radii=(90, 60), **common)
    visit(found, days_ago=250, number=2, radii=(110, 80), code="melanoma", **common)
    visit(found, days_ago=1, number=3, radii=(140, 110), kinds=("dermoscopic", "close_up"),
          outlined_by=dana, pixel_spacing_um=SPACING)  # fmt: skip
    return found


def opened(page: Page, lesion: Lesion, query: str = "") -> Page:
    page.goto(reverse("lesion-timeline", args=[lesion.pk]) + query)
    expect(page.locator("#compare-stage.is-live")).to_be_visible()
    for side in ("left", "right"):
        until(page, lambda side=side: page.locator(f"[data-side={side}] img").evaluate(
            "image => image.complete && image.naturalWidth > 0 && image.style.transform !== ''"
        ))  # fmt: skip
    return page


def until(page: Page, holds: Callable[[], bool]) -> None:
    """Wait in steps of a frame or so: the page's CSP forbids Playwright's own way of waiting."""
    for _ in range(150):
        if holds():
            return
        page.wait_for_timeout(20)
    pytest.fail("It did not come to hold within 3 s.")


def standing(page: Page, side: str) -> Standing:
    page.wait_for_timeout(50)  # what was asked for is drawn in the next frame
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
    assert alike(page).width > stage["height"]


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


# ---- Touch -------------------------------------------------------------------------------------


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


def test_two_fingers_zoom_both_and_one_then_moves_both(
    signed_in: SignedIn, dana: User, lesion: Lesion
) -> None:
    page = opened(signed_in(dana, width=820, height=1180, has_touch=True), lesion)
    whole = alike(page)
    page.locator("#compare-stage").scroll_into_view_if_needed()
    x, y = middle(page.locator("[data-side=left] .compare-window"))
    fingers = Fingers(page)
    fingers.down((x - 40, y), (x + 40, y))
    for apart in (50, 60, 70, 80):
        fingers.move((x - apart, y), (x + apart, y))
    fingers.up()
    zoomed = alike(page)
    assert zoomed.width == pytest.approx(whole.width * 2, rel=0.05)
    fingers.down((x, y))
    for step in (10, 20, 30):
        fingers.move((x + step, y + step))
    fingers.up()
    moved = alike(page)
    assert (moved.x - zoomed.x, moved.y - zoomed.y) == pytest.approx((30, 30), abs=12)


def test_a_finger_moves_the_divider(signed_in: SignedIn, dana: User, lesion: Lesion) -> None:
    page = opened(signed_in(dana, width=390, height=844, has_touch=True), lesion, "?view=swipe")
    divider(page).scroll_into_view_if_needed()
    x, y = middle(divider(page))
    fingers = Fingers(page)
    fingers.down((x, y))
    for step in range(10, 101, 10):
        fingers.move((x - step, y))
    fingers.up()
    stage = page.locator("#compare-stage").bounding_box()
    assert stage is not None
    assert cut(page) == pytest.approx(50 - 100 * 100 / stage["width"], abs=1)


def test_two_fingers_turn_and_scale_the_later_picture_while_aligning(
    signed_in: SignedIn, dana: User, lesion: Lesion
) -> None:
    page = opened(signed_in(dana, width=820, height=1180, has_touch=True), lesion)
    whole = alike(page)
    page.get_by_role("button", name="Align", exact=True).tap()
    x, y = middle(page.locator("[data-side=right] .compare-window"))
    fingers = Fingers(page)
    fingers.down((x - 50, y), (x + 50, y))
    for rise in (5, 10, 15, 20):
        fingers.move((x - 50, y - rise), (x + 50, y + rise))
    fingers.up()
    turned = standing(page, "right")
    assert turned.turn == pytest.approx(21.8, abs=1)
    assert turned.width == pytest.approx(whole.width * (50**2 + 20**2) ** 0.5 / 50, rel=0.02)
    assert standing(page, "left") == pytest.approx(whole, abs=0.5)


# ---- What is compared --------------------------------------------------------------------------


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
    expect(page.get_by_role("heading", name="16 months apart")).to_be_visible()


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
    page.get_by_role("button", name="Align", exact=True).click()
    assert_accessible(page)
    over = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(over) <= 0
