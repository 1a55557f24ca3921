"""The pages of statistics in a browser: plots that say what their tables say, at every width."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts.models import Organisation, Role, User
from accounts.services import grant_role
from benchmarks._signed_readings import add_signed_readings
from clinic.services import change_reading_policy
from tests.browser.waiting import drawn, until
from tests.clinic.reading_cases import second_dermatologist
from tests.factories import UserFactory

pytestmark = pytest.mark.browser
SignedIn = Callable[..., Page]
PLOTS = 6  # reads, time, scores of two columns, minds, agreement

# Of every plot, what it draws: by series, the numbers in the order of the rows.
DRAWN = """() => Object.fromEntries([...document.querySelectorAll("[data-plot-of]")].map(place => [
  place.dataset.plotOf,
  Object.fromEntries(Chart.getChart(place.querySelector("canvas")).data.datasets.map(
    series => [series.label, series.figures?.map(one => one && one.value) ?? series.data])),
]))"""
# Of every table the same; a row without any figure is not drawn.
WRITTEN = """() => Object.fromEntries(
  [...document.querySelectorAll("table[data-plot]")].map(table => {
    const heads = [...table.tHead.rows[0].cells];
    const series = heads.flatMap((head, n) => head.dataset.series === undefined ? [] : [n]);
    const rows = [...table.tBodies[0].rows].map(row => series.map(
      n => row.cells[n].dataset.value === undefined ? null : Number(row.cells[n].dataset.value)));
    const drawn = rows.filter(row => row.some(value => value !== null));
    return [table.id, Object.fromEntries(series.map((n, column) =>
      [heads[n].textContent.replace(/\\s+/g, " ").trim(), drawn.map(row => row[column])]))];
  }))"""
# How many different colours a canvas has: a blank one has one.
COLOURS = """canvas => new Set(
  new Uint32Array(canvas.getContext("2d")
    .getImageData(0, 0, canvas.width, canvas.height).data.buffer)
).size"""


@pytest.fixture
def record(northside: Organisation, dana: User, ada: User) -> None:
    """Three readers, and enough of everything for every figure to stand."""
    erin = second_dermatologist(northside)
    fay = UserFactory(email="fay@northside.example", full_name="Fay Fontaine")
    grant_role(user=fay, organisation=northside, role=Role.DERMATOLOGIST)
    add_signed_readings(400, organisation=northside, readers=[dana, erin, fay], weeks=10)
    change_reading_policy(organisation=northside, actor=ada, second_read_share=20)


def opened(page: Page, name: str, query: str = "") -> Page:
    page.goto(reverse(name) + query)
    expect(page.locator(".plot canvas").last).to_be_visible()
    drawn(page)
    return page


def test_each_plot_draws_what_its_table_says(record: None, signed_in: SignedIn, dana: User) -> None:
    page = opened(signed_in(dana), "statistics")
    drawn: dict[str, Any] = page.evaluate(DRAWN)
    written: dict[str, Any] = page.evaluate(WRITTEN)
    assert len(drawn) == PLOTS
    assert drawn == written
    canvases = page.locator(".plot canvas")
    assert all(canvases.nth(n).evaluate(COLOURS) > 3 for n in range(PLOTS))


@pytest.mark.parametrize("width", [1440, 820, 390])
@pytest.mark.parametrize("name", ["statistics", "statistics-organisation"])
def test_it_reads_well_at_every_width(
    name: str,
    width: int,
    record: None,
    signed_in: SignedIn,
    dana: User,
    ada: User,
    assert_accessible: Callable[..., None],
) -> None:
    person = dana if name == "statistics" else ada
    page = opened(signed_in(person, width=width), name, "?truth=consensus")
    page.locator(".plot-table summary").click()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert_accessible(page)


def test_dark_is_drawn_in_its_own_colours(
    record: None, signed_in: SignedIn, dana: User, assert_accessible: Callable[..., None]
) -> None:
    page = opened(signed_in(dana), "statistics")
    ink = "() => Chart.getChart(document.querySelector('canvas')).data.datasets[0].borderColor"
    light = page.evaluate(ink)
    page.evaluate("document.documentElement.dataset.bsTheme = 'dark'")
    until(page, lambda: page.evaluate(ink) != light)
    assert page.locator(".plot canvas").count() == PLOTS
    assert_accessible(page)


def test_the_tables_do_without_scripts(record: None, signed_in: SignedIn, dana: User) -> None:
    page = signed_in(dana, java_script_enabled=False)
    page.goto(reverse("statistics"))
    assert page.locator("canvas").count() == 0
    expect(page.locator(".plot").first).to_be_hidden()
    expect(page.get_by_role("table", name="Cohen's kappa with 95 % intervals")).to_be_visible()
    page.locator(".plot-table summary").click()
    expect(page.get_by_role("table", name="Your readings per week, by role")).to_be_visible()
    page.get_by_role("link", name="4 weeks").click()
    expect(page.get_by_role("link", name="4 weeks")).to_have_attribute("aria-current", "true")
    assert page.locator("#reads-table tbody tr").count() == 4


def test_a_choice_is_made_with_the_keyboard(record: None, signed_in: SignedIn, dana: User) -> None:
    page = opened(signed_in(dana), "statistics")
    page.get_by_role("link", name="Pathology, else consensus").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Consensus flatters")).to_be_visible()
    page.locator(".plot-table summary").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#reads-table")).to_be_visible()


def test_nothing_moves(record: None, signed_in: SignedIn, dana: User) -> None:
    page = opened(signed_in(dana, reduced_motion="reduce"), "statistics")
    picture = "() => document.querySelector('canvas').toDataURL()"
    first = page.evaluate(picture)
    page.wait_for_timeout(400)
    assert page.evaluate(picture) == first


def test_an_empty_record_has_no_empty_plots(signed_in: SignedIn, dana: User) -> None:
    page = signed_in(dana)
    page.goto(reverse("statistics"))
    expect(page.get_by_role("heading", name="Nothing was signed in these weeks")).to_be_visible()
    assert page.locator(".plot").count() == 0
