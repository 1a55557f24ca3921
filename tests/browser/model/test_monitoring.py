"""The monitoring page in a browser: plots that say what their tables say, at every width."""

import os
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts.models import Organisation, User
from inference.models import ModelVersion
from tests.factories import ModelVersionFactory, PredictionFactory
from tests.inference.monitoring_rows import a_service_alert, add_answers, sign

pytestmark = pytest.mark.browser
SignedIn = Callable[..., Page]
PLOTS = 7  # volume, waits, drift, outputs, calibration, agreement, subgroups

# Of every plot, the label of its canvas and the numbers that it draws, row by row.
DRAWN = """() => Object.fromEntries([...document.querySelectorAll("[data-plot-of]")].map(place => [
  place.dataset.plotOf,
  Chart.getChart(place.querySelector("canvas")).data.datasets.map(
    series => series.figures?.map(one => one && one.value) ?? series.data)]))"""
WRITTEN = """() => Object.fromEntries(
  [...document.querySelectorAll("table[data-plot]")].map(table => {
    const heads = [...table.tHead.rows[0].cells];
    const series = heads.flatMap((head, n) => head.dataset.series === undefined ? [] : [n]);
    const rows = [...table.tBodies[0].rows].map(row => series.map(
      n => row.cells[n].dataset.value === undefined ? null : Number(row.cells[n].dataset.value)));
    const drawn = rows.filter(row => row.some(value => value !== null));
    return [table.id, series.map((_, column) => drawn.map(row => row[column]))];
  }))"""


@pytest.fixture
def record(northside: Organisation, dana: User) -> ModelVersion:
    """Ten weeks, the last of them with brighter pictures and longer waits."""
    model = ModelVersionFactory(name="resnet18", version="2.0.1", state="active")
    add_answers(500, organisation=northside, model=model, ago=timedelta(weeks=20))
    for week in range(10):
        add_answers(
            60 + 7 * (week % 4), organisation=northside, model=model, seed=20 + week,
            ago=timedelta(weeks=week), spread=timedelta(days=2), wait=2.0 + week % 3,
            brightness=0.1 if week < 2 else 0.0,
        )  # fmt: skip
    case = add_answers(1, organisation=northside, model=model, seed=99)[0].image.case
    for reason in ("The stored image file is missing.", "The worker ran out of memory."):
        PredictionFactory(image__case=case, model_version=model, failed=True, reason=reason)
    sign(14, organisation=northside, reader=dana, model=model)
    sign(6, organisation=northside, reader=dana, model=model, called="mel", malignancy=0.7,
         answer="melanoma", pathology="melanoma")  # fmt: skip
    sign(5, organisation=northside, reader=dana, model=model, called="nv", malignancy=0.15,
         answer="melanoma", pathology="nevus")  # fmt: skip
    answer = add_answers(1, organisation=northside, model=model, seed=98)[0]
    a_service_alert(answer)
    a_service_alert(
        answer, measure="agreement", subgroup="skin type V or VI",
        sentence="The class called was the one signed for 33 % (18 to 53 %) of 24 lesions.",
    )  # fmt: skip
    return model


def opened(page: Page, query: str = "") -> Page:
    page.goto(reverse("monitoring") + query)
    expect(page.locator(".plot canvas").last).to_be_visible()
    return page


def test_each_plot_draws_what_its_table_says(
    record: ModelVersion, signed_in: SignedIn, ada: User
) -> None:
    page = opened(signed_in(ada))
    drawn: dict[str, Any] = page.evaluate(DRAWN)
    assert len(drawn) == PLOTS
    assert drawn == page.evaluate(WRITTEN)


@pytest.mark.parametrize("width", [1440, 820, 390])
def test_it_reads_well_at_every_width(
    width: int,
    record: ModelVersion,
    signed_in: SignedIn,
    ada: User,
    assert_accessible: Callable[..., None],
) -> None:
    page = opened(signed_in(ada, width=width))
    for summary in page.locator(".plot-table summary").all():
        summary.click()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert_accessible(page)
    if folder := os.environ.get("SCREENSHOTS"):
        for summary in page.locator(".plot-table summary").all():
            summary.click()
        page.screenshot(path=f"{folder}/monitoring-{width}.png", full_page=True)


def test_a_number_leads_to_its_history_by_keyboard(
    record: ModelVersion, signed_in: SignedIn, ada: User
) -> None:
    page = opened(signed_in(ada))
    page.get_by_role("link", name="Wait for an answer").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="How long people waited")).to_be_in_viewport()


def test_a_note_is_left_beside_an_alert(
    record: ModelVersion, signed_in: SignedIn, ada: User
) -> None:
    page = opened(signed_in(ada))
    page.get_by_label("What is being done about it").first.fill("A second worker starts today.")
    page.get_by_role("button", name="Acknowledge").first.click()
    expect(page.get_by_text("“A second worker starts today.”")).to_be_visible()


def test_the_tables_do_without_scripts(
    record: ModelVersion, signed_in: SignedIn, ada: User
) -> None:
    page = signed_in(ada, java_script_enabled=False)
    page.goto(reverse("monitoring"))
    assert page.locator("canvas").count() == 0
    expect(page.get_by_role("table", name="Population stability index")).to_be_visible()
