"""The evaluation's page in a real browser: whole on a telephone, and without an axe violation."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request

from inference.training.report.page import report_page
from tests.browser.watch import axe_violations
from tests.inference.training.reported import predictions, report_of

pytestmark = pytest.mark.browser


def test_the_report_asks_for_nothing_fits_a_telephone_and_is_accessible(
    open_page: Callable[..., Page], axe_source: str, tmp_path: Path
) -> None:
    file = tmp_path / "report.html"
    file.write_text(report_page(report_of(predictions())), encoding="utf-8")
    asked: list[str] = []

    def hear(request: Request) -> None:
        asked.append(request.url)

    for width in (1440, 390):
        page = open_page(width=width)
        page.on("request", hear)
        page.goto(file.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert axe_violations(page, axe_source) == []
    assert set(asked) == {file.as_uri()}
