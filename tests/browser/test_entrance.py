"""Pages before sign-in, about the password, and of what is not there."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from playwright.sync_api import Page, expect

from accounts.models import User
from tests.browser.watch import PageWatch
from tests.factories import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OpenAs = Callable[..., Page]
Check = Callable[[Page], None]


@pytest.fixture(autouse=True)
def nobody_is_locked_out() -> None:
    cache.clear()


@pytest.mark.parametrize("width", [1440, 390])
def test_a_wrong_password_is_said_beside_the_form(
    open_page: OpenAs, live_server: Any, dana: User, assert_accessible: Check, width: int
) -> None:
    page = open_page(width=width, base_url=live_server.url)
    page.goto("/account/login/")
    assert_accessible(page)
    page.get_by_label("Email").fill(dana.email)
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_focused()
    assert_accessible(page)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Account of Dana Demir")).to_be_visible()


def test_a_password_is_changed_in_the_product_s_own_look(
    signed_in: OpenAs, dana: User, assert_accessible: Check
) -> None:
    page = signed_in(dana, width=390)
    page.goto("/account/password/change/")
    assert_accessible(page)
    page.get_by_label("Current Password").fill(PASSWORD)
    page.get_by_label("New Password", exact=True).fill("a longer horse battery")
    page.get_by_label("New Password (again)").fill("a longer horse battery")
    page.get_by_role("button", name="Change the password").click()
    expect(
        page.get_by_role("status").filter(has_text="Password successfully changed")
    ).to_be_visible()
    dana.refresh_from_db()
    assert dana.check_password("a longer horse battery")


def test_a_missing_page_keeps_the_frame_for_a_person(
    signed_in: OpenAs, dana: User, watch: PageWatch, assert_accessible: Check
) -> None:
    watch.allow("status of 404")
    page = signed_in(dana)
    page.goto("/no/such/page/")
    expect(page.get_by_role("navigation", name="Sections")).to_be_visible()
    assert_accessible(page)


def test_a_missing_page_stands_alone_for_a_stranger(
    open_page: OpenAs, live_server: Any, watch: PageWatch, assert_accessible: Check
) -> None:
    watch.allow("status of 404")
    page = open_page(base_url=live_server.url, width=390)
    page.goto("/no/such/page/")
    expect(page.get_by_role("navigation", name="Sections")).to_have_count(0)
    expect(page.get_by_role("link", name="Go to your start page")).to_be_visible()
    assert_accessible(page)
