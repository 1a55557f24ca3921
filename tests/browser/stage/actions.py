"""What a hand does on the stage, in pixels of the image, and what the server then holds."""

import json
from collections.abc import Sequence
from typing import Any

from playwright.sync_api import Page, expect

from clinic.models import Annotation, LesionImage

Point = tuple[float, float]


def on_screen(page: Page, point: Point) -> Point:
    """Where a pixel of the upright original lies in the window, from the page's own transform."""
    place = page.evaluate(
        """([x, y]) => {
            const plane = document.querySelector('#viewer-picture');
            const canvas = document.querySelector('#viewer-canvas').getBoundingClientRect();
            const {width, height} = document.querySelector('#film-strip a[aria-current]').dataset;
            const at = new DOMMatrix(getComputedStyle(plane).transform).transformPoint(
                new DOMPoint(x / width * plane.clientWidth, y / height * plane.clientHeight));
            return [canvas.left + at.x, canvas.top + at.y];
        }""",
        list(point),
    )
    return place[0], place[1]


def press(page: Page, point: Point) -> None:
    page.mouse.click(*on_screen(page, point))


def drag(page: Page, *points: Point) -> None:
    """Press at the first, move over the others, let go at the last."""
    page.mouse.move(*on_screen(page, points[0]))
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*on_screen(page, point), steps=3)
    page.mouse.up()


def annotate(page: Page, label: str = "Globules") -> None:
    """Switch the mode on and choose what the next shapes are called."""
    page.keyboard.press("a")
    expect(page.get_by_role("toolbar", name="Drawing tools")).to_be_visible()
    expect(page.get_by_role("button", name="Rectangle")).to_be_enabled()
    page.keyboard.press("l")
    page.get_by_role("option", name=label).click()


def saved(page: Page) -> None:
    """Everything that was drawn has arrived."""
    expect(page.locator("#stage-saved")).to_contain_text("Saved")


def newest(image: LesionImage) -> list[Annotation]:
    """The newest version of every annotation of the image, tombstones left out."""
    found: dict[Any, Annotation] = {}
    for row in Annotation.objects.filter(image=image).order_by("created_at", "version"):
        found[row.key] = row
    return [row for row in found.values() if not row.is_deleted]


def bounds(points: Sequence[Sequence[float]]) -> tuple[float, float, float, float]:
    """Left, top, right, bottom."""
    across, down = [x for x, _ in points], [y for _, y in points]
    return min(across), min(down), max(across), max(down)


def selector(row: Annotation) -> dict[str, Any]:
    return dict(json.loads(json.dumps(row.target)))


def image_pixel(page: Page) -> float:
    """How many pixels of the image one of the screen is now: no hand is finer than that."""
    return float(
        page.evaluate(
            """() => Number(document.querySelector('#film-strip a[aria-current]').dataset.width)
                / document.querySelector('#viewer-picture').clientWidth"""
        )
    )
