"""Fingers and pens, through the browser's own input."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.browser.stage.actions import bounds, image_pixel, newest, on_screen, saved
from tests.browser.stage.conftest import Desk
from tests.browser.waiting import until

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.browser.stage.urls"),
]

OpenDesk = Callable[..., Desk]
Point = tuple[float, float]
PHONE = {"width": 390, "height": 844, "has_touch": True, "is_mobile": True}


class Hand:
    """Fingers on the screen, by window coordinates."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.session: CDPSession = page.context.new_cdp_session(page)

    def touch(self, kind: str, *points: Point) -> None:
        spots = [{"x": x, "y": y, "id": place} for place, (x, y) in enumerate(points)]
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": spots})

    def stroke(self, *path: Point) -> None:
        """One finger along points of the image."""
        spots = [on_screen(self.page, point) for point in path]
        self.touch("touchStart", spots[0])
        for before, after in pairwise(spots):
            for part in (0.34, 0.67, 1.0):
                self.touch("touchMove", between(before, after, part))
        if len(spots) > 1:  # a finger that is lifted in full flight would swallow the next tap
            self.page.wait_for_timeout(120)
            self.touch("touchMove", spots[-1])
        self.touch("touchEnd")

    def pinch(self, middle: Point, apart: Sequence[float]) -> None:
        def at(half: float) -> tuple[Point, Point]:
            return (middle[0] - half, middle[1]), (middle[0] + half, middle[1])

        self.touch("touchStart", at(apart[0])[0])
        self.touch("touchStart", *at(apart[0]))
        for half in apart[1:]:
            self.touch("touchMove", *at(half))
        self.touch("touchEnd")


def between(a: Point, b: Point, part: float) -> Point:
    return a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part


def zoom(page: Page) -> float:
    return float(page.locator("#viewer").get_attribute("data-zoom") or 0)


def start(case: Desk, tool: str) -> Hand:
    """The mode, a label and a tool, all by touch."""
    page = case.page
    page.get_by_role("button", name="Annotate").tap()
    expect(page.get_by_role("button", name=tool)).to_be_enabled()
    page.get_by_role("button", name="Label:").tap()
    page.get_by_role("option", name="Lesion border").tap()
    page.get_by_role("button", name=tool).tap()
    expect(page.get_by_role("button", name=tool)).to_have_attribute("aria-pressed", "true")
    return Hand(page)


@pytest.mark.parametrize(
    ("tool", "path"),
    [
        ("Rectangle", [(300, 300), (900, 700)]),
        ("Ellipse", [(300, 300), (900, 700)]),
        ("Freehand outline", [(300, 300), (900, 310), (890, 700), (310, 690), (300, 320)]),
    ],
)  # fmt: skip
def test_a_finger_draws(desk: OpenDesk, tool: str, path: list[Point]) -> None:
    case = desk(**PHONE)
    hand = start(case, tool)
    hand.stroke(*path)
    until(case.page, lambda: len(newest(case.image)) == 1)
    saved(case.page)
    row = newest(case.image)[0]
    assert row.label == "lesion_border"
    within = 1.5 * image_pixel(case.page)
    assert bounds(row.points) == pytest.approx((300, 300, 900, 700), abs=within)


def test_taps_set_the_corners_of_a_polygon(desk: OpenDesk) -> None:
    case = desk(**PHONE)
    hand = start(case, "Polygon")
    for corner in [(300, 300), (900, 300), (600, 800), (300, 300)]:
        hand.stroke(corner)
        case.page.wait_for_timeout(30)
    until(case.page, lambda: len(newest(case.image)) == 1)
    assert len(newest(case.image)[0].points) == 3


def test_a_second_finger_zooms_and_draws_nothing(desk: OpenDesk) -> None:
    case = desk(**PHONE)
    hand = start(case, "Rectangle")
    hand.pinch(on_screen(case.page, (600, 450)), range(30, 120, 6))
    until(case.page, lambda: zoom(case.page) > 1.5)
    expect(case.page.locator(".stage-drawn")).to_have_count(0)
    assert newest(case.image) == []
    hand.stroke((500, 400), (700, 500))  # and then one finger draws, zoomed
    until(case.page, lambda: len(newest(case.image)) == 1)
    within = 2 * image_pixel(case.page)
    assert bounds(newest(case.image)[0].points) == pytest.approx((500, 400, 700, 500), abs=within)


def test_a_finger_changes_a_corner(desk: OpenDesk) -> None:
    case = desk(**PHONE)
    hand = start(case, "Rectangle")
    hand.stroke((300, 300), (700, 600))
    until(case.page, lambda: len(newest(case.image)) == 1)
    case.page.get_by_role("button", name="Select and change").tap()
    expect(case.page.locator("[data-handle='se']")).to_be_visible()
    hand.stroke((700, 600), (900, 800))
    until(case.page, lambda: newest(case.image)[0].version == 2)
    within = 2 * image_pixel(case.page)
    assert bounds(newest(case.image)[0].points) == pytest.approx((300, 300, 900, 800), abs=within)


def test_one_finger_scrolls_the_page_until_the_picture_is_zoomed(desk: OpenDesk) -> None:
    case = desk(**PHONE)
    canvas = case.page.locator("#viewer-canvas")
    expect(canvas).to_have_css("touch-action", "pan-y")
    hand = Hand(case.page)
    hand.pinch(on_screen(case.page, (600, 450)), range(30, 120, 6))
    until(case.page, lambda: zoom(case.page) > 1.5)
    expect(canvas).to_have_css("touch-action", "none")
    before = on_screen(case.page, (600, 450))
    x, y = before
    hand.touch("touchStart", (x, y))
    for step in range(1, 7):
        hand.touch("touchMove", (x - 10 * step, y))
    hand.touch("touchEnd")
    until(case.page, lambda: on_screen(case.page, (600, 450))[0] < before[0] - 30)


def test_a_pen_draws(desk: OpenDesk) -> None:
    case = desk(width=820, height=1180)
    page = case.page
    page.keyboard.press("a")
    expect(page.get_by_role("button", name="Rectangle")).to_be_enabled()
    for key in ("l", "1", "o"):
        page.keyboard.press(key)
    pen = page.context.new_cdp_session(page)

    def send(kind: str, point: Point) -> None:
        x, y = on_screen(page, point)
        pen.send(
            "Input.dispatchMouseEvent",
            {"type": kind, "x": x, "y": y, "button": "left", "buttons": 1, "clickCount": 1,
             "pointerType": "pen", "force": 0.4},
        )  # fmt: skip

    send("mousePressed", (300, 300))
    for point in [(900, 300), (900, 700), (300, 700), (300, 330)]:
        send("mouseMoved", point)
    send("mouseReleased", (300, 330))
    until(page, lambda: len(newest(case.image)) == 1)
    within = 1.5 * image_pixel(page)
    assert bounds(newest(case.image)[0].points) == pytest.approx((300, 300, 900, 700), abs=within)
