"""The browser tests' own alarm bells ring."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route

from tests.browser.watch import PageWatch

pytestmark = pytest.mark.browser
ADDRESS = "http://clinic.test/"
GOOD = "<html lang=en><title>Cases</title><main><h1>Cases</h1></main></html>"


def show(page: Page, html: str, status: int = 200) -> None:
    def answer(route: Route) -> None:
        if route.request.url != ADDRESS:
            route.fulfill(status=204)
            return
        policy = "default-src 'none'; script-src 'self'; style-src 'self'"
        headers = {"Content-Security-Policy": policy, "Content-Type": "text/html"}
        route.fulfill(status=status, headers=headers, body=f"<!doctype html>{html}")

    page.route("**/*", answer)
    page.goto(ADDRESS)


@pytest.mark.parametrize(
    "breach",
    [
        "<script>document.title = 'inline'</script>",
        "<p style='color: red'>styled inline</p>",
        "<img src='https://elsewhere.test/pixel.png' alt=''>",
        "<button id=go onclick='go()'>inline handler</button>",
    ],
)
def test_a_breach_of_the_content_security_policy_is_heard(
    page: Page, watch: PageWatch, breach: str
) -> None:
    show(page, GOOD + breach)
    assert any("Content Security Policy" in line for line in watch.problems)
    watch.allow("Content Security Policy")


def test_a_refused_request_is_heard_until_it_is_allowed(page: Page, watch: PageWatch) -> None:
    show(page, GOOD, status=422)
    assert len(watch.problems) == 1
    watch.allow("status of 422")
    assert watch.problems == []


def test_an_accessible_page_passes_under_the_policy(
    page: Page, assert_accessible: Callable[[Page], None]
) -> None:
    show(page, GOOD)
    assert_accessible(page)


def test_an_image_without_a_text_alternative_is_found(
    page: Page, watch: PageWatch, assert_accessible: Callable[[Page], None]
) -> None:
    show(page, GOOD.replace("</main>", "<input type=image src=/a.png></main>"))
    watch.allow("Content Security Policy")
    with pytest.raises(AssertionError, match="input-image-alt"):
        assert_accessible(page)


def test_a_page_that_is_left_meanwhile_is_not_judged_but_the_one_that_took_its_place(
    page: Page, watch: PageWatch, assert_accessible: Callable[[Page], None]
) -> None:
    next_address = f"{ADDRESS}next/"
    show(page, GOOD.replace("</main>", "<input type=image src=/a.png></main>"))
    watch.allow("Content Security Policy")
    page.route(next_address, lambda route: route.fulfill(content_type="text/html", body=GOOD))
    page.evaluate("document.body.animate([{opacity: 0.9}, {opacity: 1}], 600_000)")  # not at rest
    page.evaluate("address => void setTimeout(() => location.assign(address), 200)", next_address)
    assert_accessible(page)
    assert page.url == next_address


def test_a_colour_is_judged_when_it_has_come_to_rest(
    page: Page, assert_accessible: Callable[[Page], None]
) -> None:
    show(page, GOOD)
    page.evaluate("document.querySelector('h1').animate([{color: '#fff'}, {color: '#000'}], 900)")
    assert_accessible(page)
