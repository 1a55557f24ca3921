"""Windows closed, doubled, offline, signed out: what was typed is there, and nobody's is lost."""

import re
from typing import Any

import pytest
from django.core.cache import cache
from django.urls import reverse
from playwright.sync_api import Page, Route, expect

from accounts.models import User
from clinic.models import Case, Read, Reading, ReadingState
from clinic.services import assign_case, release_expired_readings
from tests.browser.dermatologist.actions import SAVED, Accessible, SignedIn, review, state
from tests.browser.watch import PageWatch
from tests.clinic.reading_cases import sign_as
from tests.factories import PASSWORD, diagnosis

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LONG_AGO = "2026-01-01T00:00Z"
LIFT = "Written in the lift."


def comment(page: Page) -> Any:
    return page.get_by_label("Comment")


def again(page: Page) -> Page:
    """Another window of the same person."""
    return page.context.new_page()


def test_a_draft_is_there_when_the_window_was_closed_without_a_word(
    signed_in: SignedIn, dana: User, case: Case
) -> None:
    page = review(signed_in(dana), case)
    page.keyboard.press("3")
    page.keyboard.press("e")
    comment(page).fill("Half a sen")
    expect(state(page)).to_contain_text(SAVED)
    other = again(page)
    page.close()
    review(other, case)
    expect(other.get_by_role("combobox", name="Diagnosis")).to_have_value("Melanoma")
    expect(other.get_by_role("radio", name="Excise")).to_be_checked()
    expect(comment(other)).to_have_value("Half a sen")


def test_what_never_left_a_closed_window_is_offered_in_the_next(
    signed_in: SignedIn, dana: User, case: Case, watch: PageWatch, assert_accessible: Accessible
) -> None:
    watch.allow("ERR_FAILED")
    page = review(signed_in(dana), case)
    # For this window alone and until it is gone: back online it would send the draft while closing.
    page.route("**/read/", lambda route: route.abort())
    comment(page).fill(LIFT)
    expect(state(page)).to_contain_text("Not saved: the server cannot be reached.")
    other = again(page)
    page.close()
    watch.attach(other)
    review(other, case)
    offer = other.get_by_role("group", name="Unsent draft")
    expect(offer).to_contain_text(LIFT)
    assert_accessible(other)
    offer.get_by_role("button", name="Restore").click()
    expect(comment(other)).to_have_value(LIFT)
    expect(state(other)).to_contain_text(SAVED)
    assert Read.objects.get().comment == LIFT


def test_a_connection_that_comes_back_takes_the_draft_along(
    signed_in: SignedIn, dana: User, case: Case, watch: PageWatch
) -> None:
    watch.allow("ERR_INTERNET_DISCONNECTED")
    page = review(signed_in(dana), case)
    page.context.set_offline(True)
    page.keyboard.press("3")
    page.keyboard.press("e")
    comment(page).fill(LIFT)
    expect(state(page)).to_contain_text("Not saved: the server cannot be reached.")
    page.get_by_role("button", name="Commit").click()
    expect(state(page)).to_contain_text("Nothing was sent: the server cannot be reached.")
    page.context.set_offline(False)
    expect(state(page)).to_contain_text(SAVED)
    read = Read.objects.get()
    assert (read.comment, read.management, read.state) == (LIFT, "excise", "draft")
    page.get_by_role("button", name="Commit").click()
    expect(page.locator("#decide-title")).to_be_focused()


def test_drawing_tools_that_could_not_be_fetched_come_with_the_connection(
    signed_in: SignedIn, dana: User, case: Case, watch: PageWatch
) -> None:
    watch.allow("ERR_INTERNET_DISCONNECTED|ERR_FAILED")
    page = signed_in(dana)
    lost: list[str] = []

    def lose_once(route: Route) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.request.url)
        route.abort()

    page.route("**/stage/surface.js", lose_once)
    review(page, case)
    page.context.set_offline(True)
    page.context.set_offline(False)
    page.get_by_role("button", name="Annotate").click()
    expect(page.get_by_role("button", name="Rectangle")).to_be_enabled()
    assert len(lost) == 1


@pytest.mark.parametrize("kept", ["Keep mine", "Take the other"])
def test_two_tabs_on_one_opinion_choose(
    signed_in: SignedIn,
    dana: User,
    case: Case,
    watch: PageWatch,
    assert_accessible: Accessible,
    kept: str,
) -> None:
    watch.allow("status of 409")
    first = review(signed_in(dana), case)
    second = again(first)
    watch.attach(second)
    review(second, case)
    comment(first).fill("From the first tab.")
    expect(state(first)).to_contain_text(SAVED)
    comment(second).fill("From the second tab.")
    dialog = second.get_by_role("dialog", name="Changed in another window")
    expect(dialog).to_contain_text("From the first tab.")
    expect(dialog).to_contain_text("From the second tab.")
    assert_accessible(second)
    assert Read.objects.get().comment == "From the first tab."
    dialog.get_by_role("button", name=kept).click()
    expect(dialog).to_be_hidden()
    wanted = "From the second tab." if kept == "Keep mine" else "From the first tab."
    expect(comment(second)).to_have_value(wanted)
    if kept == "Keep mine":
        expect(state(second)).to_contain_text(SAVED)
    assert Read.objects.get().comment == wanted


def test_a_case_that_a_colleague_took_is_hers_and_the_draft_stays(
    signed_in: SignedIn,
    dana: User,
    erin: User,
    case: Case,
    watch: PageWatch,
    assert_accessible: Accessible,
) -> None:
    watch.allow("status of 409")
    page = review(signed_in(dana), case)
    Reading.objects.update(lock_expires_at=LONG_AGO)  # the laptop was closed for an hour
    assign_case(case=case, reader=erin)
    comment(page).fill("I would excise it.")
    expect(page.get_by_role("alert").filter(has_text="Erin Eriksen has been")).to_be_visible()
    expect(page.get_by_role("button", name="Commit")).to_be_hidden()
    assert_accessible(page)
    assert Read.objects.get(reader=dana).comment == "I would excise it."
    assert Reading.objects.get(holds_case=True).reader == erin
    # Erin signs; what Dana wrote is beside it.
    sign_as(erin, case)
    review_of = reverse("case-review", args=[case.pk])
    page.goto(review_of)
    both = page.get_by_role("region", name="Lesion 1")
    expect(both).to_contain_text("I would excise it.")
    expect(both).to_contain_text("Melanocytic nevus")
    assert_accessible(page)


def test_a_lock_that_expired_is_taken_anew_by_the_next_word(
    signed_in: SignedIn, dana: User, case: Case
) -> None:
    page = review(signed_in(dana), case)
    comment(page).fill("Before lunch.")
    expect(state(page)).to_contain_text(SAVED)
    Reading.objects.update(lock_expires_at=LONG_AGO)
    assert release_expired_readings() == 1
    case.refresh_from_db()
    assert (case.state, Reading.objects.get().holds_case) == ("submitted", False)
    comment(page).fill("Before lunch. After lunch.")
    expect(state(page)).to_contain_text(SAVED)
    case.refresh_from_db()
    reading = Reading.objects.get()
    assert (case.state, reading.holds_case, reading.state) == ("first_read", True, "draft")
    assert Read.objects.get().comment == "Before lunch. After lunch."


def test_a_session_that_ended_while_writing_is_begun_again_beside_it(
    signed_in: SignedIn, dana: User, case: Case, watch: PageWatch, assert_accessible: Accessible
) -> None:
    watch.allow("status of 401")
    cache.clear()  # nobody is locked out
    page = review(signed_in(dana), case)
    page.keyboard.press("3")
    page.keyboard.press("e")
    page.context.clear_cookies(name="sessionid")
    comment(page).fill("Typed too late.")
    link = page.get_by_role("link", name="Sign in in a new tab")
    expect(link).to_be_visible()
    assert_accessible(page)
    with page.context.expect_page() as opened:
        link.click()
    entrance = opened.value
    entrance.get_by_label("Email").fill(dana.email)
    entrance.get_by_label("Password").fill(PASSWORD)
    entrance.get_by_role("button", name="Sign in").click()
    expect(entrance.get_by_role("button", name="Account of Dana Demir")).to_be_visible()
    entrance.close()
    expect(state(page)).to_contain_text(SAVED)
    read = Read.objects.get()
    assert (read.comment, read.diagnosis) == ("Typed too late.", diagnosis("melanoma"))


@pytest.mark.parametrize("step", ["Commit", "Keep and sign"])
def test_a_session_that_ended_before_a_step_does_nothing_and_keeps_everything(
    signed_in: SignedIn, dana: User, case: Case, watch: PageWatch, step: str
) -> None:
    watch.allow("status of 401")
    page = review(signed_in(dana), case)
    page.keyboard.press("3")
    page.keyboard.press("e")
    expect(state(page)).to_contain_text(SAVED)
    if step != "Commit":
        page.get_by_role("button", name="Commit").click()
        expect(page.locator("#decide-title")).to_be_focused()
    before = Reading.objects.get().state
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name=step).click()
    said = page.get_by_text(re.compile("session has ended", re.IGNORECASE)).first
    expect(said).to_be_visible()
    assert Reading.objects.get().state == before
    expect(page.locator("#sign-lines")).to_contain_text("Melanoma, excise")


def test_a_server_that_fails_once_is_asked_again(
    signed_in: SignedIn, dana: User, case: Case, watch: PageWatch
) -> None:
    watch.allow("status of 503")
    page = review(signed_in(dana), case)
    refused: list[str] = []

    def fail_once(route: Route) -> None:
        if refused:
            route.continue_()
            return
        refused.append(route.request.url)
        route.fulfill(status=503, body="")

    page.route("**/read/", fail_once)
    comment(page).fill(LIFT)
    expect(state(page)).to_contain_text("the server had a problem")
    expect(state(page)).to_contain_text(SAVED)
    assert len(refused) == 1
    reading = Reading.objects.get()
    assert (reading.state, Read.objects.get().comment) == (ReadingState.DRAFT, LIFT)
