"""Nothing typed is lost: connections, sessions, windows and laptops that close."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, Route, expect

from accounts.models import Organisation, User
from clinic.models import Case, Read, Reading, ReadingState
from clinic.services import save_read
from tests.browser.dermatologist.actions import (
    SAVED,
    Accessible,
    SignedIn,
    combobox,
    commit,
    ready,
    review,
    state,
)
from tests.browser.waiting import until
from tests.browser.watch import PageWatch
from tests.clinic.reading_cases import second_dermatologist, waiting_case
from tests.factories import diagnosis

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
OFFLINE = "ERR_INTERNET_DISCONNECTED"
KEPT = "Object.keys(localStorage).filter((name) => name.startsWith('unsent-read:')).length"


@pytest.fixture
def case(northside: Organisation) -> Case:
    return waiting_case(northside, answer="none")


def offline(page: Page) -> None:
    """The connection goes, once everything that the page is made of is there."""
    page.wait_for_load_state("networkidle")
    page.context.set_offline(True)


def reopened(page: Page, watch: PageWatch) -> Page:
    """The window is gone with the battery; another one opens where there is a connection."""
    context = page.context
    page.close()
    context.set_offline(False)
    another = context.new_page()
    watch.attach(another)
    return another


def kept(page: Page) -> int:
    """How many drafts the browser keeps because the server has not got them."""
    return int(page.evaluate(KEPT))


def test_a_draft_saves_itself_says_when_and_is_there_again(
    signed_in: SignedIn, dana: User, case: Case
) -> None:
    page = review(signed_in(dana), case)
    page.get_by_label("Comment").fill("Blue-white veil at 3 o'clock.")
    page.get_by_role("radio", name="Biopsy").check()
    page.get_by_role("radio", name="Unsure").check()
    page.get_by_text("Criteria").click()
    page.get_by_label("Blue-whitish veil").check()
    expect(state(page)).to_contain_text(SAVED)
    assert kept(page) == 0
    review(page, case)
    expect(page.get_by_label("Comment")).to_have_value("Blue-white veil at 3 o'clock.")
    expect(page.get_by_role("radio", name="Biopsy")).to_be_checked()
    expect(page.get_by_role("radio", name="Unsure")).to_be_checked()
    read = Read.objects.get()
    assert (read.confidence, read.criteria["seven_point"]["score"]) == (1, 2)


def test_a_lost_connection_loses_nothing(
    signed_in: SignedIn, dana: User, case: Case, watch: PageWatch
) -> None:
    watch.allow(OFFLINE)
    page = review(signed_in(dana), case)
    offline(page)
    page.get_by_label("Comment").fill("Written in the lift.")
    expect(state(page)).to_contain_text("Not saved: the server cannot be reached.")
    assert kept(page) == 1
    page.context.set_offline(False)
    expect(state(page)).to_contain_text(SAVED)
    assert Read.objects.get().comment == "Written in the lift."
    assert kept(page) == 0


@pytest.mark.parametrize("choice", ["Restore", "Discard"])
def test_what_never_arrived_is_offered_when_the_case_is_opened_again(
    signed_in: SignedIn,
    dana: User,
    case: Case,
    watch: PageWatch,
    assert_accessible: Accessible,
    choice: str,
) -> None:
    watch.allow(OFFLINE)
    page = review(signed_in(dana), case)
    offline(page)
    page.get_by_label("Comment").fill("Written on the train.")
    page.keyboard.press("Escape")
    page.keyboard.press("3")
    expect(state(page)).to_contain_text("Not saved")
    page = reopened(page, watch)
    review(page, case)
    offer = page.get_by_role("group", name="Unsent draft")
    expect(offer).to_contain_text("You typed this on")
    expect(offer).to_contain_text("Melanoma")
    expect(offer).to_contain_text("Written on the train.")
    assert_accessible(page)
    expect(page.get_by_label("Comment")).to_have_value("")
    offer.get_by_role("button", name=choice).click()
    expect(offer).to_have_count(0)
    if choice == "Restore":
        expect(page.get_by_label("Comment")).to_have_value("Written on the train.")
        expect(combobox(page)).to_have_value("Melanoma")
        expect(state(page)).to_contain_text(SAVED)
        assert Read.objects.get().comment == "Written on the train."
    until(page, lambda: kept(page) == 0)
    assert Read.objects.count() == (1 if choice == "Restore" else 0)


def test_an_answer_that_was_lost_on_the_way_is_no_conflict_with_oneself(
    signed_in: SignedIn, dana: User, case: Case, watch: PageWatch
) -> None:
    watch.allow("ERR_|status of 409")
    page = review(signed_in(dana), case)
    lost: list[str] = []

    def lose_the_answer(route: Route) -> None:
        route.fetch()  # the server has it; the browser never hears so
        lost.append(route.request.url)
        route.abort()

    page.route(re.compile("/read/$"), lose_the_answer)
    page.get_by_label("Comment").fill("It arrived.")
    expect(state(page)).to_contain_text("Not saved: the server cannot be reached.")
    page.unroute(re.compile("/read/$"), lose_the_answer)
    page.get_by_label("Comment").fill("It arrived. And more.")
    expect(state(page)).to_contain_text(SAVED)
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert lost
    assert Read.objects.get().comment == "It arrived. And more."


def test_a_session_that_ended_keeps_what_was_typed_until_somebody_signs_in(
    signed_in: SignedIn, dana: User, case: Case, watch: PageWatch
) -> None:
    watch.allow("status of 401")
    page = review(signed_in(dana), case)
    page.context.clear_cookies(name="sessionid")
    page.get_by_label("Comment").fill("Typed too late.")
    expect(page.get_by_role("link", name="Sign in in a new tab")).to_be_visible()
    expect(page.get_by_label("Comment")).to_have_value("Typed too late.")
    assert kept(page) == 1
    client = Client()
    client.force_login(dana, backend="django.contrib.auth.backends.ModelBackend")
    address = page.evaluate("window.location.origin")
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": address}
    page.context.add_cookies([cookie])  # signed in in another tab
    expect(state(page)).to_contain_text(SAVED)
    assert Read.objects.get().comment == "Typed too late."


def test_what_is_typed_is_never_recorded_in_the_name_of_whoever_signs_in_next(
    signed_in: SignedIn, dana: User, case: Case, northside: Organisation, watch: PageWatch
) -> None:
    watch.allow("status of 409")
    page = review(signed_in(dana), case)
    page.wait_for_load_state("networkidle")
    Reading.objects.update(lock_expires_at="2026-01-01T00:00Z")
    address = page.evaluate("window.location.origin")
    for person, words in ((second_dermatologist(northside), "Dana's."), (dana, "")):
        client = Client()
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value}
        page.context.add_cookies([{**cookie, "url": address}])
        if words:
            page.get_by_label("Comment").fill(words)
            expect(page.get_by_text("Erin Eriksen has signed in since")).to_be_visible()
            assert not Read.objects.exists()
            assert kept(page) == 1
    review(page, case)
    page.get_by_role("group", name="Unsent draft").get_by_role("button", name="Restore").click()
    expect(state(page)).to_contain_text(SAVED)
    read = Read.objects.get()
    assert (read.reader, read.comment) == (dana, "Dana's.")


def test_a_commit_without_a_connection_does_nothing_and_says_so(
    signed_in: SignedIn, dana: User, case: Case, watch: PageWatch
) -> None:
    watch.allow(OFFLINE)
    page = review(signed_in(dana), case)
    page.keyboard.press("1")
    page.keyboard.press("g")
    expect(state(page)).to_contain_text(SAVED)
    offline(page)
    page.keyboard.press("Control+Enter")
    expect(state(page)).to_contain_text("Nothing was sent: the server cannot be reached.")
    page.context.set_offline(False)
    commit(page)
    assert Reading.objects.get().state == ReadingState.REVEALED


@pytest.mark.parametrize(
    ("button", "left"), [("Keep mine", "From here."), ("Take the other", "From there.")]
)
def test_two_tabs_on_one_opinion_show_both_and_one_chooses(
    signed_in: SignedIn,
    dana: User,
    case: Case,
    watch: PageWatch,
    assert_accessible: Accessible,
    button: str,
    left: str,
) -> None:
    watch.allow("status of 409")
    page = review(signed_in(dana), case)
    other = page.context.new_page()
    watch.attach(other)
    review(other, case)
    other.get_by_label("Comment").fill("From there.")
    expect(state(other)).to_contain_text(SAVED)
    page.get_by_label("Comment").fill("From here.")
    dialog = page.get_by_role("dialog", name="Changed in another window")
    expect(dialog).to_contain_text("From here.")
    expect(dialog).to_contain_text("From there.")
    assert_accessible(page)
    assert Read.objects.get().comment == "From there."
    dialog.get_by_role("button", name=button).click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_label("Comment")).to_have_value(left)
    until(page, lambda: Read.objects.get().comment == left)
    until(page, lambda: kept(page) == 0)
    page.get_by_label("Comment").fill("On it goes.")
    expect(state(page)).to_contain_text(SAVED)
    until(page, lambda: Read.objects.get().comment == "On it goes.")


def test_escape_leaves_the_choice_for_later_and_nothing_is_overwritten(
    signed_in: SignedIn, dana: User, case: Case, watch: PageWatch
) -> None:
    watch.allow("status of 409")
    page = review(signed_in(dana), case)
    lesion = case.images.get().lesion
    save_read(case=case, lesion=lesion, reader=dana, comment="From there.")
    page.get_by_label("Comment").fill("From here.")
    dialog = page.get_by_role("dialog", name="Changed in another window")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_label("Comment").fill("From here, longer.")
    page.wait_for_timeout(1_200)
    assert Read.objects.get().comment == "From there."
    page.get_by_role("button", name="Choose which to keep").click()
    dialog.get_by_role("button", name="Keep mine").click()
    until(page, lambda: Read.objects.get().comment == "From here, longer.")


def test_whoever_goes_on_typing_chooses_nothing_by_accident(
    signed_in: SignedIn, dana: User, case: Case, watch: PageWatch
) -> None:
    watch.allow("status of 409")
    page = review(signed_in(dana), case)
    lesion = case.images.get().lesion
    save_read(case=case, lesion=lesion, reader=dana, comment="From there.")
    page.get_by_label("Comment").fill("From here")
    dialog = page.get_by_role("dialog", name="Changed in another window")
    expect(dialog).to_be_visible()
    page.keyboard.type(" and on it goes")
    page.keyboard.press("Enter")
    page.wait_for_timeout(1_000)
    expect(dialog).to_be_visible()
    assert Read.objects.get().comment == "From there."


def test_a_tab_left_behind_by_a_commit_hears_it(
    signed_in: SignedIn, dana: User, case: Case, watch: PageWatch
) -> None:
    watch.allow("status of 409")
    page = review(signed_in(dana), case)
    other = page.context.new_page()
    review(other, case)
    other.keyboard.press("1")
    other.keyboard.press("g")
    commit(other)
    page.get_by_label("Comment").fill("Too late here.")
    notice = page.get_by_role("alert").filter(has_text="You have committed your opinion")
    expect(notice).to_be_visible()
    page.get_by_role("link", name="See how it stands").click()
    ready(page)
    expect(page.get_by_role("button", name="Keep and sign")).to_be_visible()
    assert Read.objects.get().comment == ""


def test_going_back_in_the_history_shows_how_things_stand(
    signed_in: SignedIn, dana: User, case: Case
) -> None:
    page = review(signed_in(dana), case)
    page.get_by_label("Comment").fill("Begun.")
    page.keyboard.press("Escape")
    page.keyboard.press("u")
    page.wait_for_url(f"**{reverse('worklist')}")
    lesion = case.images.get().lesion
    save_read(
        case=case, lesion=lesion, reader=dana, comment="Elsewhere.", diagnosis=diagnosis("nevus")
    )
    page.go_back()
    ready(page)
    expect(page.get_by_label("Comment")).to_have_value("Elsewhere.")
    page.get_by_label("Comment").fill("Elsewhere, and here.")
    expect(state(page)).to_contain_text(SAVED)  # on the version of now: no conflict


def test_signing_out_leaves_nothing_behind_in_the_browser(
    signed_in: SignedIn, dana: User, case: Case, watch: PageWatch
) -> None:
    watch.allow(OFFLINE)
    page = review(signed_in(dana), case)
    offline(page)
    page.get_by_label("Comment").fill("On a shared computer.")
    expect(state(page)).to_contain_text("Not saved")
    page = reopened(page, watch)
    page.goto(reverse("worklist"))
    assert kept(page) == 1
    page.get_by_role("button", name="Account of Dana Demir").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(re.compile("account/login"))
    assert kept(page) == 0


def test_a_wrong_number_of_months_is_said_at_the_field(
    signed_in: SignedIn, dana: User, case: Case, watch: PageWatch
) -> None:
    watch.allow("status of 422")
    page = review(signed_in(dana), case)
    page.keyboard.press("m")
    page.keyboard.type("99")
    expect(page.locator("[data-field='monitor_months'] [data-error]")).to_contain_text(
        "Monitoring is due in 1 to 36 months."
    )
