"""The same with fingers."""

import pytest

from accounts.models import User
from clinic.models import Lesion
from tests.browser.timeline.actions import (
    Fingers,
    SignedIn,
    alike,
    cut,
    divider,
    middle,
    opened,
    standing,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


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
