"""Looking at a picture: zoom, turn, light, measure, saliency, and pictures of two sizes."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.stage.actions import drag, on_screen
from tests.browser.stage.conftest import Desk, picture
from tests.browser.waiting import drawn, until

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.browser.stage.urls"),
]

OpenDesk = Callable[..., Desk]
SCREEN = re.compile(r"/images/[^/]+/screen/")


def zoom(page: Page) -> float:
    return float(page.locator("#viewer").get_attribute("data-zoom") or 0)


def middle(page: Page) -> tuple[float, float]:
    box = page.locator("#viewer-canvas").bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_the_point_under_the_wheel_stays_where_it_is(desk: OpenDesk) -> None:
    page = desk().page
    for turns in range(3):
        page.keyboard.press("z")  # larger than the canvas: what is smaller stays in its middle
        page.keyboard.press("+")
        drawn(page)
        spot, before = (620.0, 470.0), zoom(page)
        at = on_screen(page, spot)
        page.mouse.move(*at)
        page.mouse.wheel(0, -240)
        until(page, lambda: zoom(page) > before * 1.2)  # noqa: B023
        assert on_screen(page, spot) == pytest.approx(at, abs=1.5), f"turned {turns} times"
        page.keyboard.press("0")
        until(page, lambda: zoom(page) == 1)
        page.keyboard.press("]")
        drawn(page)


def test_z_shows_one_pixel_of_the_image_for_one_of_the_screen(desk: OpenDesk) -> None:
    page = desk().page
    page.keyboard.press("z")
    expect(page.locator("#viewer-zoom")).to_have_text("100 %")
    a, b = on_screen(page, (500, 400)), on_screen(page, (600, 400))
    assert b[0] - a[0] == pytest.approx(100, abs=0.1)
    for _ in range(20):
        page.keyboard.press("+")
    expect(page.locator("#viewer-zoom")).to_have_text("1600 %")
    expect(page.locator("#viewer-pixels")).to_have_class(re.compile("is-grain"))


@pytest.mark.parametrize("dpr", [1, 2])
def test_a_quarter_turn_turns_the_picture_and_four_are_none(desk: OpenDesk, dpr: int) -> None:
    page = desk(device_scale_factor=dpr).page
    top_left = on_screen(page, (0, 0))
    page.keyboard.press("]")
    drawn(page)
    corner, other = on_screen(page, (0, 0)), on_screen(page, (0, 900))
    assert corner[0] > other[0]
    assert corner[1] == pytest.approx(other[1], abs=1)
    page.keyboard.press("[")
    drawn(page)
    assert on_screen(page, (0, 0)) == pytest.approx(top_left, abs=0.5)


def test_the_picture_cannot_be_lost_out_of_sight(desk: OpenDesk) -> None:
    page = desk().page
    page.keyboard.press("z")
    page.locator("#viewer-canvas").focus()
    for _ in range(30):
        page.keyboard.press("ArrowRight")
    drawn(page)
    box = page.locator("#viewer-canvas").bounding_box()
    assert box is not None
    right = on_screen(page, (1200, 450))[0]
    assert right == pytest.approx(box["x"] + box["width"], abs=1)


def test_light_changes_the_picture_alone_says_so_and_ends_with_it(desk: OpenDesk) -> None:
    page = desk(images=2).page
    page.keyboard.press("i")
    slider = page.get_by_role("slider", name="Brightness")
    expect(slider).to_be_focused()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    note = page.locator("#stage-light-note")
    expect(note).to_contain_text("brightness 120 %")
    expect(page.locator("#viewer-pixels")).to_have_css("filter", "brightness(1.2)")
    assert page.evaluate("getComputedStyle(document.querySelector('#stage-ink')).filter") == "none"
    note.get_by_role("button", name="Show it as it is").click()
    expect(note).to_be_hidden()
    slider.fill("60")
    expect(note).to_be_visible()
    page.get_by_role("button", name="Close brightness and contrast").click()
    page.keyboard.press(".")
    expect(note).to_be_hidden()


def test_the_ruler_measures_millimetres_where_the_spacing_is_known(desk: OpenDesk) -> None:
    page = desk(spacing=10.0).page
    page.keyboard.press("k")
    drag(page, (300, 300), (600, 700))  # 500 pixels of 10 µm
    expect(page.locator("#stage-measure")).to_have_text(re.compile(r"^(4\.9[89]|5\.0[012])\smm\.$"))
    bar = page.locator("#stage-scale")
    expect(bar).to_be_visible()
    length = float((bar.locator("[data-length]").inner_text()).split()[0])
    width = bar.locator("[data-bar]").evaluate("bar => bar.getBoundingClientRect().width")
    a, b = on_screen(page, (0, 0)), on_screen(page, (100, 0))  # 1 mm
    assert width == pytest.approx(length * (b[0] - a[0]), abs=1)
    page.keyboard.press("Escape")
    expect(page.locator("#stage-measure")).to_be_hidden()


def test_without_spacing_it_measures_pixels_and_says_why(desk: OpenDesk) -> None:
    page = desk().page
    expect(page.locator("#stage-scale")).to_be_hidden()
    page.keyboard.press("k")
    for key in ("Enter", "Enter", *["ArrowRight"] * 10, "Enter"):
        page.keyboard.press(key)
    expect(page.locator("#stage-measure")).to_have_text(
        re.compile(r"^\d+\spixels\. In pixels of the image: how large they are")
    )


def test_the_saliency_map_has_an_opacity_and_its_caveat(desk: OpenDesk) -> None:
    page = desk(images=2).page
    page.keyboard.press("s")
    expect(page.get_by_text("Shows where the model looked, not why;")).to_be_visible()
    page.get_by_label("Map").fill("25")
    overlay = page.locator("#viewer-map")
    expect(overlay).to_have_css("opacity", "0.25")
    assert overlay.bounding_box() == page.locator("#viewer-image").bounding_box()
    page.locator("#viewer-canvas").focus()
    page.keyboard.press(".")
    expect(overlay).to_be_hidden()
    expect(page.get_by_text("Shows where the model looked")).to_be_hidden()


def test_a_rendition_comes_first_and_the_original_when_the_zoom_asks_for_it(
    desk: OpenDesk,
) -> None:
    case = desk(images=2, size=(3200, 2400))
    page = case.page
    asked: list[tuple[str, str]] = []

    def smaller(route: Route) -> None:
        route.fulfill(body=picture(1200, 900), content_type="image/jpeg")

    page.route(SCREEN, smaller)
    page.on("request", lambda one: asked.append((one.url, one.headers.get("x-purpose", ""))))
    case.open()
    until(page, lambda: sum("/screen/" in url for url, _ in asked) == 2)
    assert [purpose for url, purpose in asked if "/screen/" in url] == ["", "prefetch"]
    assert not any("/file/" in url for url, _ in asked)

    before = [on_screen(page, at) for at in ((960, 600), (1920, 1680))]
    page.keyboard.press("+")
    page.keyboard.press("+")
    expect(page.locator("#viewer")).to_have_attribute("data-pixels", "original")
    assert sum("/file/" in url for url, _ in asked) == 1
    boxes = [page.locator(f"#viewer-{name}").bounding_box() for name in ("image", "original")]
    assert boxes[0] == boxes[1]
    page.keyboard.press("0")
    until(page, lambda: zoom(page) == 1)
    after = [on_screen(page, at) for at in ((960, 600), (1920, 1680))]
    assert after[0] == pytest.approx(before[0])
    assert after[1] == pytest.approx(before[1])


def test_full_screen_holds_the_stage_and_lets_it_go(desk: OpenDesk) -> None:
    page = desk().page
    page.keyboard.press("f")
    until(
        page,
        lambda: bool(
            page.evaluate("document.fullscreenElement?.contains(document.querySelector('#viewer'))")
        ),
    )
    expect(page.get_by_role("button", name="Full screen")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("f")
    until(page, lambda: page.evaluate("document.fullscreenElement") is None)


def test_choosing_a_picture_is_told_to_the_rest_of_the_page(desk: OpenDesk) -> None:
    page = desk(images=2).page
    page.keyboard.press(".")
    shown = "window.heard.filter(({type}) => type === 'stage:shown')"
    until(page, lambda: len(page.evaluate(shown)) == 1)
    heard = page.evaluate(shown)
    link = page.locator("#film-strip a").nth(1)
    expect(link).to_have_attribute("aria-current", "true")
    assert heard == [
        {
            "type": "stage:shown",
            "image": link.get_attribute("data-image"),
            "lesion": link.get_attribute("data-lesion"),
        }
    ]
