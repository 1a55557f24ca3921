"""The API's documentation page, in a real browser under the strict policy."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User

# Nested controls, heading levels and a missing landmark in markup that is not ours.
DRAWN_BY_SWAGGER_UI = (".opblock-summary", ".opblock-tag", ".information-container")
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_it_lists_the_api_without_a_breach_of_the_policy(
    open_page: Callable[..., Page], live_server: Any, assert_accessible: Callable[..., None]
) -> None:
    page = open_page()
    answer = page.goto(f"{live_server.url}/api/docs/")
    assert answer is not None
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self'" in policy.split("; ")
    assert "style-src 'self'" in policy.split("; ")
    expect(page.get_by_role("heading", name="Second Look")).to_be_visible()
    expect(
        page.locator(".opblock-summary-path", has_text="/api/v1/patients/").first
    ).to_be_visible()
    assert_accessible(page, leave_out=DRAWN_BY_SWAGGER_UI)


def test_an_opened_operation_shows_the_body_and_the_problems(
    open_page: Callable[..., Page], live_server: Any
) -> None:
    page = open_page()
    page.goto(f"{live_server.url}/api/docs/")
    operation = page.locator(".opblock", has_text="Register a patient")
    operation.locator(".opblock-summary").click()
    expect(operation.locator(".request-body, .opblock-section-request-body")).to_contain_text(
        "medical_record_number"
    )
    expect(operation).to_contain_text("application/problem+json")
    expect(page.locator(".errors-wrapper")).to_have_count(0)


def test_a_signed_in_person_tries_an_address_out(
    signed_in: Callable[..., Page], alice: User
) -> None:
    page = signed_in(alice)
    page.goto("/api/docs/")
    operation = page.locator(".opblock", has_text="List organisations")
    operation.locator(".opblock-summary").click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_role("button", name="Execute").click()
    expect(operation.locator(".responses-table.live-responses-table")).to_contain_text(
        "Northside Hospital"
    )
