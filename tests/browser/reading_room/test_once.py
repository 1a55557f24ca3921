"""A commit and a signature happen once, and never by accident."""

from collections.abc import Callable
from importlib import import_module

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Page, Request, Route, expect

from accounts.models import User
from accounts.services.signing import SESSION_KEY
from clinic.models import Case, CaseState, Read, Reading, ReadingState, ReadState
from tests.browser.dermatologist.actions import SignedIn, prove, review
from tests.browser.waiting import until
from tests.browser.watch import PageWatch
from tests.factories import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
# What would go on without an answer after a second or more never does.
NO_PATIENCE = """
  const later = window.setTimeout.bind(window);
  window.setTimeout = (act, wait, ...rest) => (wait >= 1000 ? 0 : later(act, wait, ...rest));
"""


def ready_to_commit(page: Page, case: Case) -> Page:
    review(page, case)
    page.keyboard.press("3")
    page.keyboard.press("e")
    expect(page.locator("#sign-lines")).to_have_text("Melanoma, excise")
    return page


def committed(page: Page, case: Case) -> Page:
    ready_to_commit(page, case)
    page.get_by_role("button", name="Commit").click()
    expect(page.locator("#decide-title")).to_be_focused()
    return page


def posts_to(page: Page, ending: str) -> list[str]:
    """Fills with every post to such an address."""
    heard: list[str] = []

    def hear(request: Request) -> None:
        if request.method == "POST" and request.url.endswith(ending):
            heard.append(request.url)

    page.on("request", hear)
    return heard


def forget_proof(page: Page) -> None:
    """The quarter of an hour is over, as far as the server is concerned."""
    name = settings.SESSION_COOKIE_NAME
    key = next(one["value"] for one in page.context.cookies() if one["name"] == name)
    session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    del session[SESSION_KEY]
    session.save()


def middle_of(page: Page, name: str) -> tuple[float, float]:
    box = page.get_by_role("button", name=name).bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_a_double_click_on_commit_commits_once_and_signs_nothing(
    signed_in: SignedIn, dana: User, case: Case
) -> None:
    page = ready_to_commit(signed_in(dana), case)
    prove(page)
    commits, signatures = posts_to(page, "/commit/"), posts_to(page, "/sign/")
    page.get_by_role("button", name="Commit").dblclick()
    expect(page.locator("#decide-title")).to_be_focused()
    page.wait_for_timeout(500)
    assert (len(commits), signatures) == (1, [])
    assert Reading.objects.get().state == ReadingState.REVEALED


def test_the_second_click_of_a_slow_double_click_does_not_sign_unseen(
    signed_in: SignedIn, dana: User, case: Case
) -> None:
    """The button that signs has taken the place of the one that commits under the same finger."""
    page = ready_to_commit(signed_in(dana), case)
    prove(page)
    signatures = posts_to(page, "/sign/")
    page.mouse.move(*middle_of(page, "Commit"))
    page.mouse.down(click_count=1)
    page.mouse.up(click_count=1)
    expect(page.locator("#decide-title")).to_be_focused()
    page.mouse.move(*middle_of(page, "Keep and sign"))
    page.mouse.down(click_count=2)
    page.mouse.up(click_count=2)
    page.wait_for_timeout(500)
    assert signatures == []
    assert Reading.objects.get().state == ReadingState.REVEALED
    page.wait_for_timeout(300)
    page.get_by_role("button", name="Keep and sign").click()  # a click that is meant does
    until(page, lambda: Reading.objects.get().state == ReadingState.SIGNED)


@pytest.mark.parametrize("proved", [True, False])
def test_a_double_click_on_sign_signs_once(
    signed_in: SignedIn, dana: User, case: Case, proved: bool
) -> None:
    page = committed(signed_in(dana), case)
    signatures = posts_to(page, "/sign/")
    if proved:
        prove(page)
        page.get_by_role("button", name="Sign and close").dblclick()
    else:
        page.get_by_role("button", name="Sign and close").dblclick()
        dialog = page.get_by_role("dialog", name="Is it you who signs?")
        dialog.get_by_label("Your password").fill(PASSWORD)
        dialog.get_by_role("button", name="Sign and close").dblclick()
    page.wait_for_url(f"**{reverse('worklist')}")
    assert len(signatures) == 1
    assert (Reading.objects.get().state, Read.objects.get().state) == ("signed", "signed")
    expect(page.get_by_role("status").filter(has_text="is signed and closed")).to_have_count(1)


def test_going_back_after_the_signature_finds_the_record_and_no_desk(
    signed_in: SignedIn, dana: User, case: Case
) -> None:
    page = committed(signed_in(dana), case)
    prove(page)
    page.get_by_role("button", name="Sign and close").click()
    page.wait_for_url(f"**{reverse('worklist')}")
    digest = Reading.objects.get().digest
    page.go_back()
    page.wait_for_url(f"**{reverse('case-detail', args=[case.pk])}")
    expect(page.get_by_role("region", name="Signed answer")).to_contain_text("Melanoma")
    expect(page.locator("#opinion")).to_have_count(0)
    assert (Reading.objects.get().digest, Reading.objects.count()) == (digest, 1)


def test_a_proof_that_ran_out_while_signing_is_asked_for_once_more(
    signed_in: SignedIn, dana: User, case: Case, watch: PageWatch
) -> None:
    watch.allow("status of 403")
    page = committed(signed_in(dana), case)
    prove(page)
    forgotten: list[bool] = []

    def forget_first(route: object, go_on: Callable[[], None]) -> None:
        if not forgotten:
            forgotten.append(True)
            forget_proof(page)
        go_on()

    page.route("**/sign/", lambda route: forget_first(route, route.continue_))
    page.get_by_role("button", name="Sign and close").click()
    until(page, lambda: bool(forgotten))  # the dialog that opens before that closes by itself
    dialog = page.get_by_role("dialog", name="Is it you who signs?")
    expect(dialog).to_contain_text("Melanoma, excise")
    assert Reading.objects.get().state == ReadingState.REVEALED
    dialog.get_by_label("Your password").fill(PASSWORD)
    dialog.get_by_role("button", name="Sign and close").click()
    page.wait_for_url(f"**{reverse('worklist')}")
    assert Read.objects.get().state == ReadState.SIGNED


def test_a_wrong_password_and_a_cancelled_dialog_sign_nothing(
    signed_in: SignedIn, dana: User, case: Case, watch: PageWatch
) -> None:
    watch.allow("status of 400")
    page = committed(signed_in(dana), case)
    page.get_by_role("button", name="Sign and close").click()
    dialog = page.get_by_role("dialog", name="Is it you who signs?")
    dialog.get_by_label("Your password").fill("wrong")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).not_to_be_empty()
    expect(dialog.get_by_label("Your password")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    case.refresh_from_db()
    assert case.state == CaseState.FIRST_READ
    assert Reading.objects.get().state == ReadingState.REVEALED
    expect(page.locator("#sign-lines")).to_have_text("Melanoma, excise")


def test_a_case_that_lies_on_the_desk_already_waits_for_nobody(
    signed_in: SignedIn, dana: User, case: Case
) -> None:
    """The picture and its tools are there although the server has not answered who holds it."""
    page = signed_in(dana)
    page.add_init_script(NO_PATIENCE)
    page.goto(reverse("worklist"))
    held: list[Route] = []

    def answer_nothing(route: Route) -> None:
        held.append(route)

    page.route("**/assign/", answer_nothing)
    page.keyboard.press("n")
    page.wait_for_url(f"**{reverse('case-review', args=[case.pk])}")
    expect(page.locator("#room")).to_have_attribute("data-ready", "true")
    until(page, lambda: len(held) == 1)
    assert Reading.objects.get().holds_case
    page.get_by_role("button", name="Annotate").click()
    expect(page.get_by_role("button", name="Rectangle")).to_be_enabled()
