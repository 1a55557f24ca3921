"""For everybody, everywhere: widths, accessibility, and annotations that are only looked at."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import Organisation, User
from clinic.models import Annotation, Reading, ReadingState
from clinic.services.annotations import save_annotation
from tests.browser.stage.actions import annotate, drag, newest, press, saved
from tests.browser.stage.conftest import Desk
from tests.clinic.reading_cases import second_dermatologist

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.browser.stage.urls"),
]

OpenDesk = Callable[..., Desk]
Accessible = Callable[..., None]


@pytest.mark.parametrize("width", [1440, 820, 390])
def test_every_part_of_the_stage_is_accessible_and_covers_no_more_than_it_must(
    desk: OpenDesk, assert_accessible: Accessible, width: int
) -> None:
    page = desk(images=3, spacing=12.0, width=width).page

    def check() -> None:
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert_accessible(page)

    check()
    page.keyboard.press("s")
    page.keyboard.press("k")
    drag(page, (300, 300), (600, 600))
    check()
    page.keyboard.press("k")
    page.keyboard.press("i")
    check()
    page.keyboard.press("i")
    annotate(page)
    page.keyboard.press("r")
    drag(page, (300, 300), (700, 600))
    saved(page)
    page.keyboard.press("v")
    expect(page.locator("[data-handle='se']")).to_be_visible()
    check()
    tools = page.get_by_role("toolbar")
    picture = page.locator("#viewer-canvas").bounding_box()
    assert picture is not None
    for place in range(tools.count()):
        bar = tools.nth(place).bounding_box()
        assert bar is not None
        beside = bar["x"] + bar["width"] <= picture["x"] + 0.5
        above = bar["y"] + bar["height"] <= picture["y"] + 0.5
        assert beside or above, "a toolbar lies on the picture"
    page.keyboard.press("l")
    check()
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    check()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    check()


def test_who_does_not_read_the_case_cannot_draw(desk: OpenDesk, northside: Organisation) -> None:
    case = desk(reader=second_dermatologist(northside))  # it lies on Dana's desk
    page = case.page
    page.keyboard.press("a")
    expect(
        page.get_by_text("Only the reader on whose desk the case lies can draw.")
    ).to_be_visible()
    for name in ("Rectangle", "Ellipse", "Polygon", "Freehand outline", "Delete", "Undo"):
        expect(page.get_by_role("button", name=name, exact=True)).to_be_disabled()
    page.keyboard.press("r")
    drag(page, (300, 300), (500, 500))
    page.wait_for_timeout(200)
    assert not Annotation.objects.filter(image=case.image).exists()


def test_what_i_drew_is_read_only_once_it_is_signed(desk: OpenDesk, dana: User) -> None:
    case = desk()
    target = {"selector": {"type": "FragmentSelector", "value": "xywh=pixel:300,300,200,200"}}
    save_annotation(
        image=case.image, actor=dana, key=uuid4(), version=0, label="streaks", target=target
    )
    now = timezone.now()
    Reading.objects.filter(case=case.case).update(
        state=ReadingState.SIGNED, committed_at=now, signed_at=now, digest="0" * 64,
        taxonomy_version="2026.1", holds_case=False,
    )  # fmt: skip
    page = case.open().page
    page.keyboard.press("a")
    expect(
        page.get_by_text("Only the reader on whose desk the case lies can draw.")
    ).to_be_visible()
    press(page, (400, 400))
    expect(page.locator(".stage-edited")).to_have_count(0)
    page.keyboard.press("j")
    row = page.locator(".stage-row")
    expect(row).to_contain_text("Streaks")
    expect(row).to_have_attribute("aria-current", "true")
    expect(row.get_by_role("button")).to_have_count(1)  # no label to change, nothing to delete
    page.keyboard.press("Delete")
    page.wait_for_timeout(200)
    assert len(newest(case.image)) == 1
