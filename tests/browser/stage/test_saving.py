"""What is drawn arrives, or stays: conflicts, lost connections, refusals, answers that are none."""

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Route, expect

from accounts.models import User
from clinic.models import Annotation
from clinic.services.annotations import delete_annotation, save_annotation
from tests.browser.stage.actions import annotate, bounds, drag, newest, press, saved
from tests.browser.stage.conftest import Desk
from tests.browser.waiting import until
from tests.browser.watch import PageWatch

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.browser.stage.urls"),
]

OpenDesk = Callable[..., Desk]
Accessible = Callable[..., None]
ONE = re.compile(r"/images/[^/]+/annotations/[^/]+/")
LIST = re.compile(r"/images/[^/]+/annotations/$")


def draw_one(case: Desk) -> Annotation:
    """A saved rectangle from (300, 300) to (500, 500), selected."""
    annotate(case.page)
    case.page.keyboard.press("r")
    drag(case.page, (300, 300), (500, 500))
    saved(case.page)
    case.page.keyboard.press("v")
    expect(case.page.locator("[data-handle='se']")).to_be_visible()
    return newest(case.image)[0]


def elsewhere(row: Annotation, dana: User, value: str = "xywh=pixel:800,100,50,60") -> None:
    """The same annotation, changed in another window."""
    target = {"selector": {"type": "FragmentSelector", "value": value}}
    save_annotation(
        image=row.image, actor=dana, key=row.key, version=row.version, label="streaks",
        target=target,
    )  # fmt: skip


@pytest.mark.parametrize("choice", ["Keep mine", "Take the other"])
def test_two_windows_on_one_annotation_are_both_shown(
    desk: OpenDesk, dana: User, watch: PageWatch, assert_accessible: Accessible, choice: str
) -> None:
    watch.allow("status of 409")
    case = desk()
    page = case.page
    row = draw_one(case)
    elsewhere(row, dana)
    drag(page, (400, 400), (450, 400))
    dialog = page.get_by_role("dialog", name="This annotation was changed in another window")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("region", name="Your version")).to_contain_text("Globules, rectangle")
    expect(dialog.get_by_role("region", name="The other version")).to_contain_text("Streaks")
    assert_accessible(page)
    assert newest(case.image)[0].label == "streaks"  # nothing was written over

    dialog.get_by_role("button", name=choice).click()
    expect(dialog).to_be_hidden()
    saved(page)
    last = newest(case.image)[0]
    if choice == "Keep mine":
        assert (last.label, last.version) == ("globules", 3)
        assert bounds(last.points)[0] == pytest.approx(350, abs=3)
    else:
        assert (last.label, last.version) == ("streaks", 2)
        page.keyboard.press("j")
        expect(page.locator(".stage-row")).to_contain_text("Streaks")


def test_what_was_deleted_in_another_window_is_brought_back_by_keeping_mine(
    desk: OpenDesk, dana: User, watch: PageWatch
) -> None:
    watch.allow("status of 409")
    case = desk()
    row = draw_one(case)
    delete_annotation(image=row.image, actor=dana, key=row.key, version=1)
    drag(case.page, (400, 400), (450, 400))
    dialog = case.page.get_by_role("dialog")
    expect(dialog.get_by_role("region", name="The other version")).to_contain_text("Deleted")
    dialog.get_by_role("button", name="Keep mine").click()
    until(case.page, lambda: [one.version for one in newest(case.image)] == [3])


def test_a_lost_connection_keeps_what_is_drawn_and_sends_it_later(
    desk: OpenDesk, watch: PageWatch
) -> None:
    watch.allow("ERR_INTERNET_DISCONNECTED")
    case = desk()
    page = case.page
    annotate(page)
    page.context.set_offline(True)
    page.keyboard.press("r")
    drag(page, (300, 300), (500, 500))
    drag(page, (600, 300), (800, 500))
    expect(page.locator("#stage-saved")).to_contain_text("the server cannot be reached")
    assert newest(case.image) == []
    page.context.set_offline(False)
    until(page, lambda: len(newest(case.image)) == 2)
    saved(page)


def test_a_page_that_was_closed_without_a_connection_sends_it_the_next_time(
    desk: OpenDesk, watch: PageWatch
) -> None:
    watch.allow("ERR_FAILED")
    case = desk()
    page = case.page
    row = draw_one(case)
    page.route(ONE, lambda route: route.abort())
    drag(page, (400, 400), (600, 400))
    page.keyboard.press("r")
    drag(page, (100, 600), (250, 800))
    expect(page.locator("#stage-saved")).to_contain_text("the server cannot be reached")
    page.unroute(ONE)
    page.on("dialog", lambda dialog: dialog.accept())  # "leave this page?": yes
    case.open()
    until(page, lambda: len(newest(case.image)) == 2)
    until(page, lambda: Annotation.objects.filter(key=row.key).count() == 2)
    assert bounds(Annotation.objects.get(key=row.key, version=2).points)[0] == pytest.approx(
        500, abs=3
    )
    until(
        page,
        lambda: (
            page.evaluate("Object.keys(localStorage).filter(k => k.startsWith('unsent'))") == []
        ),
    )


def test_an_answer_that_was_lost_on_its_way_makes_no_second_version(
    desk: OpenDesk, watch: PageWatch
) -> None:
    watch.allow("ERR_FAILED")
    case = desk()
    annotate(case.page)
    lost: list[str] = []

    def lose(route: Route) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.request.url)
        route.fetch()  # it arrives, and is kept
        route.abort()

    case.page.route(ONE, lose)
    case.page.keyboard.press("r")
    drag(case.page, (300, 300), (500, 500))
    saved(case.page)
    assert lost
    assert Annotation.objects.filter(image=case.image).count() == 1


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 200, "body": "<html>Welcome</html>", "content_type": "text/html"},
        {"status": 200, "body": "{}", "content_type": "application/json"},
        {"status": 200, "body": '{"key": "other", "version": "1e9"}', "content_type": "text/json"},
        {"status": 500, "body": "", "content_type": "text/plain"},
        {"status": 409, "body": "null", "content_type": "application/json"},
    ],
)  # fmt: skip
def test_an_answer_that_is_none_loses_nothing(
    desk: OpenDesk, watch: PageWatch, answer: dict[str, object]
) -> None:
    watch.allow("status of (500|409)")
    case = desk()
    page = case.page
    annotate(page)
    page.route(ONE, lambda route: route.fulfill(**answer))  # type: ignore[arg-type]
    page.keyboard.press("r")
    drag(page, (300, 300), (500, 500))
    expect(page.locator("#stage-saved")).to_contain_text("Not saved")
    kept = page.evaluate("Object.entries(localStorage).find(([k]) => k.startsWith('unsent'))?.[1]")
    assert json.loads(kept)[0][1]["content"]["label"] == "globules"


def test_hostile_annotations_harm_nothing_and_are_still_listed(
    desk: OpenDesk, watch: PageWatch
) -> None:
    case = desk()
    page = case.page
    script = "<svg><script>window.owned = 1</script><polygon points='1,1 9,1 9,9'/></svg>"
    values = [
        ("SvgSelector", script),
        ("SvgSelector", '<svg><polygon points="1,1 x,NaN 3,Infinity" onload="owned=1"/></svg>'),
        ("SvgSelector", "<svg><image href='https://evil.example/x.png' onerror='owned=1'/></svg>"),
        ("SvgSelector", "<svg><ellipse cx='1e400' cy='5' rx='3' ry='3'/></svg>"),
        ("FragmentSelector", "xywh=pixel:10,10,-5,a"),
        ("FragmentSelector", "x" * 3_000),
    ]
    rows = [
        {
            "key": f"key-{place}", "version": 1, "label": "<b>globules</b>", "text": "",
            "mine": False, "creator": "<img src=x onerror=owned=1>",
            "annotation": {"target": {"selector": {"type": kind, "value": value}}},
        }
        for place, (kind, value) in enumerate(values)
    ]  # fmt: skip
    rows += [None, {}, {"key": 5}, {"key": "k", "version": 1, "annotation": []}]  # type: ignore[list-item]
    body = json.dumps({"annotations": rows, "may_annotate": False})
    page.route(
        LIST, lambda route: route.fulfill(status=200, body=body, content_type="application/json")
    )
    case.open()
    page.keyboard.press("a")
    page.keyboard.press("j")
    expect(page.locator(".stage-row")).to_have_count(len(values))
    expect(page.locator(".stage-row").first).to_contain_text("<b>globules</b>")
    expect(page.locator(".stage-row").nth(1)).to_contain_text("cannot be shown here")
    assert page.evaluate("window.owned") is None
    press(page, (600, 450))
    expect(page.get_by_role("button", name="Rectangle")).to_be_disabled()


def test_a_refusal_is_said_and_undone_by_another_change(desk: OpenDesk, watch: PageWatch) -> None:
    watch.allow("status of 400")
    case = desk()
    page = case.page
    annotate(page)
    sentence = "An image holds 1,500 annotations. Delete some before you draw more."
    body = json.dumps({"detail": sentence})
    page.route(
        ONE,
        lambda route: route.fulfill(status=400, body=body, content_type="application/problem+json"),
    )
    page.keyboard.press("r")
    drag(page, (300, 300), (500, 500))
    expect(page.locator("#stage-saved")).to_contain_text(sentence)
    page.unroute(ONE)
    page.keyboard.press("Control+z")
    expect(page.locator("#stage-saved")).not_to_contain_text("Not saved")


def test_a_session_that_ended_is_said_and_a_new_one_sends(desk: OpenDesk, watch: PageWatch) -> None:
    watch.allow("status of 401")
    case = desk()
    page = case.page
    annotate(page)
    cookies = [one for one in page.context.cookies() if one["name"] == "sessionid"]
    page.context.clear_cookies(name="sessionid")
    page.keyboard.press("r")
    drag(page, (300, 300), (500, 500))
    expect(page.locator("#stage-saved")).to_contain_text("your session has ended")
    page.context.add_cookies(cookies)  # type: ignore[arg-type]
    until(page, lambda: len(newest(case.image)) == 1)
    saved(page)


def test_a_shape_without_a_label_is_not_sent_and_is_asked_for(desk: OpenDesk) -> None:
    case = desk()
    page = case.page
    page.keyboard.press("a")
    expect(page.get_by_role("button", name="Rectangle")).to_be_enabled()
    page.keyboard.press("r")
    drag(page, (300, 300), (500, 500))
    expect(page.get_by_role("listbox", name="Label")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#stage-saved")).to_have_text("Not saved yet: choose a label (L).")
    assert newest(case.image) == []
    page.keyboard.press("l")
    page.keyboard.press("2")
    until(page, lambda: [row.label for row in newest(case.image)] == ["pigment_network"])
    drag(page, (600, 300), (800, 500))  # the next one keeps the label
    until(page, lambda: [row.label for row in newest(case.image)] == ["pigment_network"] * 2)
