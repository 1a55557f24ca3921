"""The frame around every page, and the components in it, as a person meets them."""

from collections.abc import Callable, Iterator

import pytest
from django.core.cache import cache
from playwright.sync_api import Locator, Page, expect

from accounts.models import Role, User
from accounts.services import grant_role
from tests.browser import gallery_urls
from tests.browser.waiting import until
from tests.browser.watch import PageWatch
from tests.factories import OrganisationFactory

pytestmark = [
    pytest.mark.browser,
    pytest.mark.urls("tests.browser.gallery_urls"),
    pytest.mark.django_db(transaction=True),
]

OpenAs = Callable[..., Page]
Check = Callable[[Page], None]
FOCUSED = "document.activeElement"
THEME = "document.documentElement.dataset.bsTheme"


@pytest.fixture
def worldly_dana(dana: User) -> User:
    """Dana, who also works in an organisation with a name that does not fit anywhere."""
    southside = OrganisationFactory(
        name="Universitätsklinikum Nord-Süd-Ost, Klinik für Dermatologie und Venerologie, Haus 4",
        slug="nord-sued-ost",
    )
    grant_role(user=dana, organisation=southside, role=Role.DERMATOLOGIST)
    dana.full_name = gallery_urls.LONG_NAME
    dana.save()
    return dana


@pytest.fixture(autouse=True)
def nothing_posted() -> Iterator[None]:
    cache.clear()
    gallery_urls.POSTED.clear()
    yield
    gallery_urls.POSTED.clear()


def lowest(part: Locator) -> float:
    box = part.bounding_box()
    assert box is not None
    return box["y"] + box["height"]


def assert_nothing_scrolls_sideways(page: Page) -> None:
    wider = page.evaluate(
        "[...document.querySelectorAll('body *')].filter(element => !element.closest("
        "'.table-responsive, .skip-link, .visually-hidden') && "
        "element.getBoundingClientRect().right > innerWidth + 1).map(element => element.outerHTML)"
    )
    assert not wider, wider[:3]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_component_is_accessible_and_fits_at_every_width(
    signed_in: OpenAs, worldly_dana: User, assert_accessible: Check, scheme: str
) -> None:
    page = signed_in(worldly_dana, color_scheme=scheme)
    page.goto("/gallery/")
    assert page.evaluate(THEME) == scheme
    for width in (1440, 820, 390, 320):
        page.set_viewport_size({"width": width, "height": 900})
        assert_nothing_scrolls_sideways(page)
        assert_accessible(page)


def test_the_sections_stand_beside_the_page_and_under_it_on_a_phone(
    signed_in: OpenAs, dana: User
) -> None:
    page = signed_in(dana)
    page.goto("/gallery/")
    sections = page.get_by_role("navigation", name="Sections")
    beside = sections.bounding_box()
    assert beside is not None
    assert beside["x"] == 0
    assert beside["height"] > 700

    page.set_viewport_size({"width": 390, "height": 844})
    until(page, lambda: lowest(sections) == 844)
    page.mouse.wheel(0, 100_000)
    page.get_by_role("button", name="Load the rest").click(trial=True)  # not under the bar


def test_the_first_tab_leads_past_the_frame(signed_in: OpenAs, dana: User) -> None:
    page = signed_in(dana)
    page.goto("/gallery/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate(f"document.querySelector('main').contains({FOCUSED})")


def test_everything_that_takes_the_focus_shows_it(signed_in: OpenAs, dana: User) -> None:
    page = signed_in(dana, reduced_motion="reduce")
    page.goto("/gallery/")
    seen = set()
    for _ in range(80):
        page.keyboard.press("Tab")
        look = page.evaluate(
            f"""(() => {{
              const element = {FOCUSED};
              if (element === document.body) return null;
              element.dataset.visited ??= String(Math.random());
              const {{outlineStyle, boxShadow}} = getComputedStyle(element);
              return [element.dataset.visited, outlineStyle !== "none" || boxShadow !== "none",
                      element.outerHTML.slice(0, 120)];
            }})()"""
        )
        if look is None:
            break
        key, shown, html = look
        assert shown, html
        seen.add(key)
    else:
        pytest.fail("the keyboard did not leave the page after 80 stops")
    assert len(seen) > 25


def test_a_slash_goes_to_the_search_but_stays_a_slash_in_a_field(
    signed_in: OpenAs, dana: User
) -> None:
    page = signed_in(dana)
    page.goto("/gallery/")
    page.keyboard.press("/")
    search = page.get_by_role("searchbox", name="Search patients and cases")
    expect(search).to_be_focused()
    expect(search).to_have_value("")
    page.keyboard.press("Escape")
    expect(search).not_to_be_focused()
    question = page.get_by_label("Question")
    question.press_sequentially("2/3 of the back")
    expect(question).to_have_value("2/3 of the back")


def test_a_chosen_theme_outlives_the_page_and_wins_over_the_system(
    signed_in: OpenAs, dana: User, assert_accessible: Check
) -> None:
    page = signed_in(dana, color_scheme="light")
    page.goto("/gallery/")
    html, dark = page.locator("html"), page.get_by_role("button", name="Dark", exact=True)
    page.get_by_role("button", name="Account of Dana Demir").click()
    expect(dark).to_be_visible()
    assert_accessible(page)
    dark.click()
    expect(html).to_have_attribute("data-bs-theme", "dark")
    page.reload()
    assert page.evaluate(THEME) == "dark"
    page.get_by_role("button", name="Account of Dana Demir").click()
    page.get_by_role("button", name="System").click()
    expect(html).to_have_attribute("data-bs-theme", "light")
    page.emulate_media(color_scheme="dark")
    expect(html).to_have_attribute("data-bs-theme", "dark")


def test_the_organisation_is_switched_from_the_keyboard(
    signed_in: OpenAs, worldly_dana: User, assert_accessible: Check
) -> None:
    page = signed_in(worldly_dana, width=820)
    page.goto("/gallery/")
    page.get_by_role("button", name="Organisation: Northside Hospital").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Universitätsklinikum")).to_be_visible()
    assert_accessible(page)
    page.keyboard.press("ArrowDown")
    while "Nord-Süd-Ost" not in page.evaluate(f"{FOCUSED}.textContent"):
        page.keyboard.press("ArrowDown")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.goto("/gallery/")
    expect(page.get_by_role("button", name="Organisation: Universitätsklinikum")).to_be_visible()


def test_a_form_clicked_twice_is_posted_once(signed_in: OpenAs, dana: User) -> None:
    page = signed_in(dana)
    page.goto("/gallery/")
    page.get_by_label("Name", exact=True).fill("Maria Jensen")

    with page.expect_navigation():
        page.get_by_role("button", name="Register patient").evaluate(
            "button => { button.click(); setTimeout(() => button.click(), 300); }"
        )
    page.wait_for_load_state("networkidle")
    assert gallery_urls.POSTED == ["Maria Jensen"]


def test_a_refused_form_takes_the_focus_to_its_errors_and_on_to_the_field(
    signed_in: OpenAs, dana: User, watch: PageWatch, assert_accessible: Check
) -> None:
    watch.allow("status of 422")
    page = signed_in(dana)
    page.goto("/gallery/")
    page.locator("form", has_text="Register patient").evaluate("form => form.noValidate = true")
    page.get_by_role("button", name="Register patient").click()
    summary = page.get_by_role("alert").filter(has_text="Nothing was saved yet")
    expect(summary).to_be_focused()
    assert_accessible(page)
    summary.get_by_role("link", name="Name").click()
    name = page.get_by_label("Name", exact=True)
    expect(name).to_be_focused()
    expect(name).to_have_attribute("aria-invalid", "true")
    assert "id_name_error" in str(name.get_attribute("aria-describedby"))


def test_a_refusal_in_the_background_says_why(
    signed_in: OpenAs, dana: User, watch: PageWatch, assert_accessible: Check
) -> None:
    watch.allow("409")
    page = signed_in(dana)
    page.goto("/gallery/")
    page.get_by_role("button", name="Close the case").click()
    toast = page.get_by_role("region", name="Messages")
    expect(toast).to_contain_text("This case was closed by Dana Demir at 14:05.")
    assert_accessible(page)
    toast.get_by_role("button", name="Dismiss this message").click()
    expect(toast).to_be_empty()


def test_an_ended_session_offers_to_sign_in_and_keeps_what_was_typed(
    signed_in: OpenAs, dana: User
) -> None:
    page = signed_in(dana)
    page.goto("/gallery/")
    page.get_by_label("Question").fill("Grown since May?")
    page.context.clear_cookies()
    page.get_by_role("button", name="Load the rest").click()
    toast = page.get_by_role("region", name="Messages")
    expect(toast).to_contain_text("Your session has ended")
    expect(toast.get_by_role("link", name="Sign in")).to_have_attribute("target", "_blank")
    expect(page.get_by_label("Question")).to_have_value("Grown since May?")
    expect(page.locator("#answer")).to_be_empty()


def test_a_server_that_is_gone_is_said_in_a_sentence(
    signed_in: OpenAs, dana: User, watch: PageWatch
) -> None:
    watch.allow("ERR_INTERNET_DISCONNECTED|htmx:sendError|htmx:afterRequest")
    page = signed_in(dana)
    page.goto("/gallery/")
    page.context.set_offline(True)
    page.get_by_role("button", name="Load the rest").click()
    expect(page.get_by_role("region", name="Messages")).to_contain_text("cannot be reached")


def test_the_saliency_map_is_switched_with_the_space_bar(signed_in: OpenAs, dana: User) -> None:
    page = signed_in(dana, reduced_motion="reduce")
    page.goto("/gallery/")
    saliency = page.locator(".saliency-map")
    expect(saliency).to_have_css("opacity", "0")
    page.get_by_role("switch", name="Saliency map").focus()
    page.keyboard.press("Space")
    expect(saliency).to_have_css("opacity", "0.6")


def test_paper_is_light_and_without_the_frame(signed_in: OpenAs, dana: User) -> None:
    page = signed_in(dana, color_scheme="dark")
    page.goto("/gallery/")
    page.emulate_media(media="print", color_scheme="dark")
    expect(page.get_by_role("navigation", name="Sections")).to_be_hidden()
    expect(page.locator("header.top-bar")).to_be_hidden()
    expect(page.locator("body")).to_have_css("background-color", "rgb(255, 255, 255)")
    expect(page.locator("td").first).to_have_css("color", "rgb(0, 0, 0)")
