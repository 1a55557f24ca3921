"""The criteria count along while somebody ticks, and count the same without a script."""

import random
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.models import User
from clinic.criteria import ABCD, SevenPoint
from clinic.criteria.abcd import COLOURS, STRUCTURES
from clinic.criteria.seven_point import LABELS
from tests.browser.criteria import panel_urls

pytestmark = [
    pytest.mark.browser,
    pytest.mark.urls("tests.browser.criteria.panel_urls"),
    pytest.mark.django_db(transaction=True),
]
SignedIn = Callable[..., Page]


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    panel_urls.KEPT.clear()
    yield
    panel_urls.KEPT.clear()


def unfolded(page: Page, address: str = "/panel/") -> Page:
    page.goto(address)
    page.locator(".criteria > summary").click()
    return page


def score(page: Page, part: str) -> Locator:
    return page.locator(f"[data-{part}] [data-score]")


def tick(page: Page, name: str, *values: str) -> None:
    for value in values:
        page.locator(f"[name='{panel_urls.PREFIX}-{name}'][value='{value}']").check()


def test_the_scores_follow_every_tick(signed_in: SignedIn, dana: User) -> None:
    page = unfolded(signed_in(dana))
    expect(score(page, "seven-point")).to_contain_text("Not filled in")
    page.get_by_label("Blue-whitish veil").check()
    expect(score(page, "seven-point")).to_contain_text("2 of 10")
    expect(score(page, "seven-point").get_by_text("Below 3")).to_be_visible()
    page.get_by_label("Irregular streaks").check()
    expect(score(page, "seven-point")).to_contain_text("3 of 10")
    expect(score(page, "seven-point").get_by_text("At or above 3")).to_be_visible()
    expect(score(page, "seven-point").get_by_text("Below 3")).to_be_hidden()
    expect(page.locator("[data-criteria-short]")).to_have_text("7-point 3")
    page.get_by_label("None of these").check()
    expect(page.get_by_label("Blue-whitish veil")).not_to_be_checked()
    expect(score(page, "seven-point")).to_contain_text("0 of 10")
    expect(score(page, "seven-point").get_by_text("At or above 3")).to_be_hidden()


def test_the_abcd_rule_counts_once_all_four_are_said(signed_in: SignedIn, dana: User) -> None:
    page = unfolded(signed_in(dana))
    tick(page, "asymmetry", "1")
    tick(page, "border", "4")
    tick(page, "colours", "light_brown", "dark_brown", "black")
    expect(score(page, "abcd")).to_contain_text("Counts when all four are filled in")
    tick(page, "structures", "network", "dots", "globules")
    expect(score(page, "abcd")).to_contain_text("Total 4.7")
    expect(score(page, "abcd").get_by_text("Benign, below 4.75")).to_be_visible()
    tick(page, "border", "5")
    expect(score(page, "abcd").get_by_text("Suspicious, 4.75 to 5.45", exact=True)).to_be_visible()
    tick(page, "asymmetry", "2")
    expect(score(page, "abcd").get_by_text("Highly suspicious, above 5.45")).to_be_visible()
    expect(page.locator("[data-criteria-short]")).to_have_text("ABCD 6.1")
    tick(page, "border", "")
    expect(score(page, "abcd")).to_contain_text("Counts when all four are filled in")
    expect(page.locator("[data-criteria-short]")).to_have_text("")


def test_the_page_counts_as_the_server_does(signed_in: SignedIn, dana: User) -> None:
    page = signed_in(dana)
    chance = random.Random(20110)
    for _ in range(12):
        seen = chance.sample(sorted(LABELS), chance.randint(1, 7))
        rule = ABCD(
            asymmetry=chance.randint(0, 2),
            border=chance.randint(0, 8),
            colours=tuple(chance.sample(sorted(COLOURS), chance.randint(1, 6))),
            structures=tuple(chance.sample(sorted(STRUCTURES), chance.randint(1, 5))),
        )
        unfolded(page)
        tick(page, "seven_point", *seen)
        tick(page, "asymmetry", str(rule.asymmetry))
        tick(page, "border", str(rule.border))
        tick(page, "colours", *rule.colours)
        tick(page, "structures", *rule.structures)
        said = f"7-point {SevenPoint.of(seen).score} · ABCD {rule.tds:.1f}"
        expect(page.locator("[data-criteria-short]")).to_have_text(said)
        assert rule.band is not None
        shown = page.locator("[data-abcd] [data-band]:visible")
        expect(shown).to_have_attribute("data-band", rule.band)


def test_the_keyboard_alone_fills_it_in_and_the_draft_comes_back(
    signed_in: SignedIn, dana: User
) -> None:
    page = signed_in(dana)
    page.goto("/panel/")
    page.locator(".criteria > summary").focus()
    for key in ("Enter", "Tab", "Space", "Tab", "Tab", "Tab", "Space"):
        page.keyboard.press(key)
    for _ in range(5):  # over the rest of the checklist to asymmetry
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.get_by_role("button", name="Save draft").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#words")).to_contain_text("7-point checklist 3 of 10")
    assert panel_urls.KEPT["abcd"] == {
        "asymmetry": 0, "border": 2, "colours": ["white"], "structures": [], "tds": None,
    }  # fmt: skip
    page.locator(".criteria > summary").click()
    expect(page.get_by_label("Atypical pigment network")).to_be_checked()
    expect(page.get_by_label("Irregular streaks")).to_be_checked()


def test_without_a_script_the_server_counts(signed_in: SignedIn, dana: User) -> None:
    page = unfolded(signed_in(dana, java_script_enabled=False))
    tick(page, "seven_point", "blue_whitish_veil", "regression_structures")
    page.get_by_role("button", name="Save draft").click()
    expect(page.locator("#words")).to_contain_text("7-point checklist 3 of 10, at or above 3")
    page.locator(".criteria > summary").click()
    expect(score(page, "seven-point")).to_contain_text("3 of 10")


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("width", [1440, 390])
def test_it_can_be_read_by_everybody(
    signed_in: SignedIn,
    dana: User,
    assert_accessible: Callable[..., None],
    theme: str,
    width: int,
) -> None:
    page = unfolded(signed_in(dana, width=width), f"/panel/?theme={theme}")
    assert_accessible(page)
    tick(page, "seven_point", "blue_whitish_veil", "irregular_streaks")
    tick(page, "asymmetry", "2")
    tick(page, "border", "3")
    tick(page, "colours", "white", "black")
    tick(page, "structures", "dots")
    assert_accessible(page)
    over = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(over) <= 0
