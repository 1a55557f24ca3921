"""A real Chromium for the tests of the screens, and what watches it.

A page that logs an error, breaks the content security policy or raises in a script fails its test,
whatever else the test looks at.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect, sync_playwright

from config.embedded.throwaway import CHECKOUT
from tests.browser.waiting import ACTION_MS, EXPECT_MS, NAVIGATION_MS, OpenRequests
from tests.browser.watch import PageWatch, axe_violations
from tests.conftest import NO_CHROMIUM

FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
AXE = CHECKOUT / "node_modules/axe-core/axe.min.js"

OpenPage = Callable[..., Page]
expect.set_options(timeout=EXPECT_MS)


def chromium_program() -> str | None:
    """The Chromium of this machine: the one that CHROMIUM names, or the first on the PATH."""
    for name in (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome"):
        if name and (found := shutil.which(name)):
            return found
    return None


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for the run; its absence is a skip, and a failure where REQUIRE_CHROMIUM is 1."""
    program = chromium_program()
    if program is None:
        if os.environ.get("REQUIRE_CHROMIUM") == "1":
            pytest.fail(f"REQUIRE_CHROMIUM is set, and there is {NO_CHROMIUM}.")
        pytest.skip(NO_CHROMIUM)
    with sync_playwright() as playwright, pytest.MonkeyPatch.context() as environment:
        # Playwright keeps an event loop in this thread, which Django takes for an async view.
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        sandbox = [] if os.geteuid() else ["--no-sandbox"]
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS + sandbox)
        yield browser
        browser.close()


@pytest.fixture
def watch() -> Iterator[PageWatch]:
    """What the pages of this test complained about; any complaint not allowed fails the test."""
    watch = PageWatch()
    yield watch
    assert not watch.problems, "The browser complained:\n" + "\n".join(watch.problems)


@pytest.fixture
def every_request_is_answered() -> Iterator[None]:
    """Before the database is emptied, and after the windows that asked were closed."""
    with OpenRequests():
        yield


@pytest.fixture
def open_page(
    chromium: Browser, watch: PageWatch, every_request_is_answered: None
) -> Iterator[OpenPage]:
    """Open a window of its own (cookies too): `open_page(width=390, height=844, locale="de")`."""
    contexts = []

    def open_window(*, width: int = 1440, height: int = 900, **options: object) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            **options,  # type: ignore[arg-type]
        )
        context.set_default_timeout(ACTION_MS)
        context.set_default_navigation_timeout(NAVIGATION_MS)
        contexts.append(context)
        page = context.new_page()
        watch.attach(page)
        return page

    yield open_window
    for context in contexts:
        context.close()


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    """One window of 1440 x 900."""
    return open_page()


@pytest.fixture
def signed_in(open_page: OpenPage, live_server: object) -> Callable[..., Page]:
    """A window in which a person is signed in: `signed_in(alice, width=390)`.

    The session is made directly; the sign-in form has tests of its own. Addresses may be relative:
    `page.goto("/cases/")`.
    """

    def open_as(user: object, **options: object) -> Page:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        address = str(live_server.url)  # type: ignore[attr-defined]
        page = open_page(base_url=address, **options)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        page.context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": address}]
        )
        return page

    return open_as


@pytest.fixture(scope="session")
def axe_source() -> str:
    """The accessibility checker that npm brought."""
    if not AXE.exists():
        pytest.fail(f"{AXE} is missing. Run “make setup” first.")
    return Path(AXE).read_text()


@pytest.fixture
def assert_accessible(axe_source: str) -> Callable[..., None]:
    """`assert_accessible(page)`: no violation of any axe rule on what the page shows now."""

    def check(page: Page, *, leave_out: tuple[str, ...] = ()) -> None:
        violations = axe_violations(page, axe_source, leave_out=leave_out)
        assert not violations, f"axe on {page.url}:\n" + "\n".join(violations)

    return check
