"""Drawing, naming, changing and deleting without a mouse; and whose keys are whose."""

from collections.abc import Callable
from zipfile import ZipFile

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from clinic.services.annotations import save_annotation
from tests.browser.stage.actions import annotate, bounds, drag, image_pixel, newest, saved
from tests.browser.stage.conftest import Desk
from tests.browser.waiting import until

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.browser.stage.urls"),
]

OpenDesk = Callable[..., Desk]


def keys(page: Page, *names: str) -> None:
    for name in names:
        page.keyboard.press(name)


def test_a_rectangle_is_drawn_moved_stretched_named_and_deleted_by_keys_alone(
    desk: OpenDesk,
) -> None:
    case = desk()
    page = case.page
    keys(page, "a")
    expect(page.get_by_role("button", name="Rectangle")).to_be_enabled()
    keys(page, "l", "6", "r")
    keys(page, "ArrowLeft", *["ArrowLeft"] * 9, "Enter")  # the first key shows the cross
    keys(page, *["ArrowRight"] * 12, *["ArrowDown"] * 8, "Enter")
    until(page, lambda: len(newest(case.image)) == 1)
    step = 10 * image_pixel(page)
    left, top, right, bottom = bounds(newest(case.image)[0].points)
    assert right - left == pytest.approx(12 * step, abs=2)
    assert bottom - top == pytest.approx(8 * step, abs=2)
    assert top == pytest.approx(450, abs=2)

    keys(page, "v", *["Shift+ArrowRight"] * 3, "ArrowUp")
    until(page, lambda: newest(case.image)[0].version == 2)  # many arrows are one change
    moved = bounds(newest(case.image)[0].points)
    assert moved[0] == pytest.approx(left + 3 * step, abs=1)
    assert moved[1] == pytest.approx(top - step / 10, abs=1)
    keys(page, *["Alt+Shift+ArrowRight"] * 2)
    until(page, lambda: newest(case.image)[0].version == 3)
    stretched = bounds(newest(case.image)[0].points)
    assert (stretched[0], stretched[2]) == pytest.approx((moved[0], moved[2] + 2 * step), abs=1)

    keys(page, "l", "ArrowDown", "Enter")
    until(page, lambda: newest(case.image)[0].label == "blue_whitish_veil")
    keys(page, "Delete")
    until(page, lambda: newest(case.image) == [])
    saved(page)


@pytest.mark.parametrize("tool", ["e", "p", "o"])
def test_every_other_tool_draws_by_keys_too(desk: OpenDesk, tool: str) -> None:
    case = desk()
    page = case.page
    annotate(page)
    keys(page, tool, "Enter", "Enter")
    keys(page, *["ArrowRight"] * 8)
    if tool != "e":
        keys(page, *(["Enter"] if tool == "p" else []))
    keys(page, *["ArrowDown"] * 8, "Enter")
    if tool == "p":
        keys(page, "Enter")  # twice at the same place closes it
    until(page, lambda: len(newest(case.image)) == 1)
    left, top, right, bottom = bounds(newest(case.image)[0].points)
    side = 80 * image_pixel(page)
    assert (right - left, bottom - top) == pytest.approx((side, side), abs=3)


def test_backspace_takes_a_corner_back_and_escape_everything(desk: OpenDesk) -> None:
    case = desk()
    page = case.page
    annotate(page)
    keys(page, "p")
    for x, y in [(300, 300), (600, 300), (900, 800)]:
        drag(page, (x, y), (x, y))
    keys(page, "Backspace")
    drag(page, (600, 600), (600, 600))
    keys(page, "Enter")  # closes it
    until(page, lambda: len(newest(case.image)) == 1)
    assert bounds(newest(case.image)[0].points) == pytest.approx((300, 300, 600, 600), abs=3)
    drag(page, (100, 100), (100, 100))
    keys(page, "Escape")
    expect(page.locator(".stage-drawn")).to_have_count(0)
    expect(page.get_by_role("button", name="Polygon")).to_have_attribute("aria-pressed", "true")
    keys(page, "Escape", "Escape")
    expect(page.get_by_role("toolbar", name="Drawing tools")).to_be_hidden()
    assert len(newest(case.image)) == 1


def test_free_text_names_what_no_label_does(desk: OpenDesk) -> None:
    case = desk()
    page = case.page
    annotate(page)
    keys(page, "r")
    drag(page, (300, 300), (500, 500))
    until(page, lambda: len(newest(case.image)) == 1)
    keys(page, "v", "l", "End", "Enter")
    expect(page.get_by_label("What it shows")).to_be_focused()
    keys(page, "Enter")
    expect(page.get_by_text("Say in words what this region shows.")).to_be_visible()
    page.keyboard.type("Rosettes, r and e")
    keys(page, "Enter")
    until(page, lambda: newest(case.image)[0].text == "Rosettes, r and e")
    assert newest(case.image)[0].label == "other"


def test_the_list_reaches_names_and_deletes_each(desk: OpenDesk, dana: User) -> None:
    case = desk()
    page = case.page
    for place in range(3):
        target = {
            "selector": {"type": "FragmentSelector", "value": f"xywh=pixel:{place * 300},90,80,80"}
        }
        save_annotation(
            image=case.image, actor=dana, key=f"00000000-0000-4000-8000-00000000000{place}",  # type: ignore[arg-type]
            version=0, label="globules", target=target,
        )  # fmt: skip
    case.open()
    keys(page, "a")
    expect(page.get_by_role("button", name="Rectangle")).to_be_enabled()
    keys(page, "j", "ArrowDown", "Enter")
    rows = page.locator(".stage-row")
    expect(rows.nth(1)).to_have_attribute("aria-current", "true")
    with page.expect_download() as masks:
        page.get_by_role("link", name="Save the masks (zip)").click()
    with ZipFile(masks.value.path()) as archive:
        assert [name for name in archive.namelist() if name.endswith("_globules.png")]
    rows.nth(1).locator("[data-pick]").focus()
    keys(page, "Tab")
    expect(page.get_by_role("button", name="Change the label of 2, Globules")).to_be_focused()
    keys(page, "Enter", "3")
    until(page, lambda: newest(case.image)[1].label == "negative_network")
    keys(page, "j", "j")
    expect(rows.nth(1).locator("[data-pick]")).to_be_focused()
    keys(page, "Delete")
    until(page, lambda: len(newest(case.image)) == 2)
    expect(rows.nth(1).locator("[data-pick]")).to_be_focused()
    keys(page, "Escape")
    expect(page.locator("#stage-list")).to_be_hidden()
    expect(page.locator("#viewer-canvas")).to_be_focused()


def test_letters_beside_the_picture_are_the_opinions(desk: OpenDesk) -> None:
    case = desk()
    page = case.page
    keys(page, "e")
    annotate(page)
    page.locator("#beside").focus()
    keys(page, "r")
    expect(page.get_by_role("button", name="Rectangle")).to_have_attribute("aria-pressed", "false")
    page.locator("#viewer-canvas").focus()
    keys(page, "e")
    expect(page.get_by_role("button", name="Ellipse")).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("window.pressed") == ["e", "r"]
    page.get_by_label("Comment").fill("")
    page.get_by_label("Comment").focus()
    page.keyboard.type("aheprz1+")
    expect(page.get_by_label("Comment")).to_have_value("aheprz1+")


def test_h_hides_everything_and_shows_it_again(desk: OpenDesk) -> None:
    case = desk()
    page = case.page
    annotate(page)
    keys(page, "r")
    drag(page, (300, 300), (500, 500))
    saved(page)
    keys(page, "v")
    expect(page.locator(".stage-edited")).to_be_visible()

    def inked() -> bool:
        return bool(
            page.evaluate(
                """() => {
                    const c = document.querySelector('#stage-ink');
                    const ink = c.getContext('2d').getImageData(0, 0, c.width, c.height);
                    return ink.data.some(Boolean);
                }"""
            )
        )

    keys(page, "Escape")
    until(page, inked)
    keys(page, "h")
    until(page, lambda: not inked())
    expect(page.locator(".stage-edited")).to_have_count(0)
    keys(page, "h")
    until(page, inked)
