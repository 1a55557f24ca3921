"""Who signs proves it: the dialog, the page without a script, and passkeys from end to end."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.conf import LazySettings
from django.core.cache import cache
from playwright.sync_api import CDPSession, Page, Route, expect

from accounts.models import User
from tests.browser import signing_desk_urls
from tests.browser.waiting import arrived, drawn, until
from tests.browser.watch import PageWatch
from tests.factories import PASSWORD

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.browser.signing_desk_urls"),
]

OpenAs = Callable[..., Page]
Check = Callable[[Page], None]


@pytest.fixture(autouse=True)
def signed() -> list[tuple[str, str]]:
    """What was signed: method and comment."""
    cache.clear()
    signing_desk_urls.SIGNED.clear()
    return signing_desk_urls.SIGNED


class Device:
    """Chromium's virtual authenticator: the device's own PIN, finger or face."""

    def __init__(self, page: Page) -> None:
        self.debugger: CDPSession = page.context.new_cdp_session(page)
        self.debugger.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        added = self.debugger.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        self.id = added["authenticatorId"]

    def recognises(self, person: bool) -> None:
        """Whether the finger is the right one."""
        self.debugger.send(
            "WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": person}
        )

    def keys(self) -> list[dict[str, Any]]:
        found = self.debugger.send("WebAuthn.getCredentials", {"authenticatorId": self.id})
        return found["credentials"]


def add_passkey(page: Page, name: str = "Reading room 2") -> None:
    page.goto("/account/")
    page.get_by_role("link", name="Add a passkey").click()
    arrived(page, page.get_by_role("button", name="Confirm"))
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    arrived(page, page.get_by_role("button", name="Add the passkey"))
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Add the passkey").click()
    arrived(page, page.get_by_role("heading", name="Recovery codes", level=1))


def sign_out(page: Page) -> None:
    page.goto("/account/logout/")
    page.get_by_role("button", name="Sign out").click()
    arrived(page, page.get_by_label("Email"))


def sign(page: Page) -> None:
    page.get_by_role("button", name="Sign and next").first.click()


# ---- The dialog ------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", ["", "?dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_the_dialog_says_who_signs_what_and_takes_the_password(
    signed_in: OpenAs,
    dana: User,
    assert_accessible: Check,
    watch: PageWatch,
    signed: list[tuple[str, str]],
    width: int,
    theme: str,
) -> None:
    watch.allow("status of 400")
    page = signed_in(dana, width=width)
    page.goto(f"/desk/{theme}")
    page.get_by_label("Comment").fill("Symmetric.")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Is it you who signs?")
    expect(dialog).to_contain_text("Dana Demir will sign:")
    expect(dialog.get_by_role("listitem")).to_have_count(2)
    expect(dialog.get_by_label("Your password")).to_be_focused()
    expect(dialog.get_by_role("button", name="Use a passkey")).to_be_hidden()
    assert_accessible(page)
    page.keyboard.type("guess")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).to_have_text("This is not your password. Try again.")
    expect(dialog.get_by_label("Your password")).to_be_focused()
    assert_accessible(page)
    assert signed == []
    page.keyboard.type(PASSWORD)  # the wrong one was selected, so typing replaces it
    page.keyboard.press("Enter")
    expect(page.locator("#outcome")).to_have_text("Signed by password.")
    expect(dialog).to_be_hidden()
    assert signed == [("password", "Symmetric.")]


def test_the_second_signature_is_not_asked_and_a_new_session_is(
    signed_in: OpenAs, dana: User, signed: list[tuple[str, str]]
) -> None:
    page = signed_in(dana)
    page.goto("/desk/")
    sign(page)
    page.get_by_label("Your password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#outcome")).to_have_text("Signed by password.")
    page.evaluate("document.getElementById('outcome').textContent = ''")
    sign(page)
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("#outcome")).to_have_text("Signed by password.")
    assert len(signed) == 2
    other = signed_in(dana)
    other.goto("/desk/")
    sign(other)
    expect(other.get_by_role("dialog")).to_be_visible()


def test_every_signature_asks_where_it_is_set_so(
    signed_in: OpenAs, dana: User, settings: LazySettings, signed: list[tuple[str, str]]
) -> None:
    settings.SIGNING_PROOF_SECONDS = 0
    page = signed_in(dana)
    page.goto("/desk/")
    for count in (1, 2):
        sign(page)
        expect(page.get_by_role("dialog")).to_contain_text("You are asked at every signature.")
        expect(page.get_by_label("Your password")).to_have_value("")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.locator("#outcome")).to_have_text("Signed by password.")
        assert len(signed) == count


def test_escape_and_cancel_sign_nothing_and_keep_what_was_typed(
    signed_in: OpenAs, dana: User, signed: list[tuple[str, str]]
) -> None:
    page = signed_in(dana)
    page.goto("/desk/")
    page.get_by_label("Comment").fill("Symmetric.")
    for leave in (
        lambda: page.keyboard.press("Escape"),
        lambda: page.get_by_text("Cancel", exact=True).click(),
        page.get_by_role("button", name="Cancel").first.click,
    ):
        sign(page)
        expect(page.get_by_label("Your password")).to_be_focused()
        page.keyboard.type("half a pass")
        leave()
        expect(page.locator("#outcome")).to_have_text("Nothing was signed.")
        expect(page.get_by_role("button", name="Sign and next")).to_be_focused()
    assert page.locator("#signing-password").input_value() == ""
    assert signed == []
    expect(page.get_by_label("Comment")).to_have_value("Symmetric.")


def test_keys_in_the_dialog_are_not_the_page_s(signed_in: OpenAs, dana: User) -> None:
    page = signed_in(dana)
    page.goto("/desk/")
    sign(page)
    expect(page.get_by_label("Your password")).to_be_focused()
    page.evaluate("window.pagesOwnKeys.length = 0")
    page.keyboard.press("Tab")
    page.keyboard.press("c")
    assert page.evaluate("window.pagesOwnKeys") == []
    page.get_by_label("Your password").fill(PASSWORD)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#outcome")).to_have_text("Signed by password.")


def test_nothing_entered_and_too_many_guesses_are_said_in_the_dialog(
    signed_in: OpenAs, dana: User, watch: PageWatch
) -> None:
    watch.allow("status of 4(00|29)")
    page = signed_in(dana)
    page.goto("/desk/")
    sign(page)
    alert = page.get_by_role("dialog").get_by_role("alert")
    page.keyboard.press("Enter")
    expect(alert).to_have_text("Enter your password.")
    for _ in range(5):
        page.keyboard.type("guess")
        with page.expect_response(lambda answer: answer.request.method == "POST"):
            page.keyboard.press("Enter")
        expect(alert).to_have_text("This is not your password. Try again.")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(alert).to_contain_text("Too many wrong passwords. Wait five minutes")


def test_a_password_typed_at_once_goes_into_its_field(
    signed_in: OpenAs, dana: User, signed: list[tuple[str, str]]
) -> None:
    """Ctrl+Enter and the password in one go: not a letter of it may reach the page."""
    page = signed_in(dana)
    page.goto("/desk/")
    page.wait_for_load_state("networkidle")
    page.get_by_label("Comment").focus()
    page.evaluate("window.pagesOwnKeys.length = 0")
    page.keyboard.press("Enter")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#outcome")).to_have_text("Signed by password.")
    assert page.evaluate("window.pagesOwnKeys") == ["Enter"]
    assert signed == [("password", "")]


def test_nothing_typed_before_the_server_answers_reaches_the_page_or_is_lost(
    signed_in: OpenAs, dana: User, signed: list[tuple[str, str]]
) -> None:
    """A slow server has not yet said whether there is a proof: the dialog is open all the same."""
    page = signed_in(dana)
    unanswered: list[Route] = []

    def hold(route: Route) -> None:
        if route.request.method == "GET":
            unanswered.append(route)
        else:
            route.continue_()

    page.route("**/account/signing/", hold)
    page.goto("/desk/")
    page.get_by_label("Comment").focus()
    page.evaluate("window.pagesOwnKeys.length = 0")
    page.keyboard.press("Enter")
    page.keyboard.type(PASSWORD)
    assert page.evaluate("window.pagesOwnKeys") == ["Enter"]
    expect(page.get_by_label("Your password")).to_have_value(PASSWORD)
    expect(page.get_by_label("Comment")).to_have_value("")
    page.keyboard.press("Enter")
    expect(page.locator("#outcome")).to_have_text("Signed by password.")
    assert signed == [("password", "")]
    assert unanswered


@pytest.mark.parametrize("begun", [False, True])
def test_a_late_answer_that_there_is_a_proof_signs_but_takes_no_dialog_away_from_under_a_hand(
    signed_in: OpenAs, dana: User, signed: list[tuple[str, str]], begun: bool
) -> None:
    """The rest of a password that is being typed would otherwise be the page's keys."""
    page = signed_in(dana)
    page.goto("/desk/")
    sign(page)
    page.get_by_label("Your password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#outcome")).to_have_text("Signed by password.")
    unanswered: list[Route] = []

    def hold(route: Route) -> None:
        if route.request.method == "GET":
            unanswered.append(route)
        else:
            route.continue_()

    page.route("**/account/signing/", hold)
    page.goto("/desk/")
    sign(page)
    expect(page.get_by_label("Your password")).to_be_focused()
    if begun:
        page.keyboard.type(PASSWORD[:3])
    until(page, lambda: len(unanswered) == 1)
    with page.expect_response("**/account/signing/"):
        unanswered[0].continue_()
    if begun:
        drawn(page)
        expect(page.get_by_label("Your password")).to_be_focused()
        page.keyboard.type(PASSWORD[3:])
        page.keyboard.press("Enter")
    expect(page.locator("#outcome")).to_have_text("Signed by password.")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert len(signed) == 2


def test_a_proof_given_in_another_tab_counts_here(
    signed_in: OpenAs, dana: User, signed: list[tuple[str, str]]
) -> None:
    page = signed_in(dana)
    page.goto("/desk/")
    other = page.context.new_page()
    other.goto("/desk/")
    sign(other)
    other.get_by_label("Your password").fill(PASSWORD)
    other.keyboard.press("Enter")
    expect(other.locator("#outcome")).to_have_text("Signed by password.")
    sign(page)
    expect(page.locator("#outcome")).to_have_text("Signed by password.")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_lost_connection_and_an_ended_session_are_said_in_the_dialog(
    signed_in: OpenAs, dana: User, watch: PageWatch
) -> None:
    watch.allow("ERR_INTERNET_DISCONNECTED|status of 401")
    page = signed_in(dana)
    page.goto("/desk/")
    page.wait_for_load_state("networkidle")
    page.context.set_offline(True)
    sign(page)
    expect(page.get_by_label("Your password")).to_be_focused()
    alert = page.get_by_role("dialog").get_by_role("alert")
    expect(alert).to_contain_text("The server cannot be reached")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(alert).to_contain_text("The server cannot be reached")
    page.context.set_offline(False)
    page.context.clear_cookies(name="sessionid")
    page.keyboard.press("Enter")
    expect(alert).to_contain_text("Your session has ended")


def test_where_the_server_never_answered_that_is_said_and_nothing_signed(
    signed_in: OpenAs, dana: User, watch: PageWatch, signed: list[tuple[str, str]]
) -> None:
    watch.allow("ERR_FAILED|net::")
    page = signed_in(dana)
    page.route("**/account/signing/", lambda route: route.abort())
    page.goto("/desk/")
    sign(page)
    dialog = page.get_by_role("dialog", name="Is it you who signs?")
    expect(dialog.get_by_role("alert")).to_contain_text("The server cannot be reached")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("The server cannot be reached")
    page.keyboard.press("Escape")
    expect(page.locator("#outcome")).to_have_text("Nothing was signed.")
    assert signed == []


def test_a_connection_lost_since_the_proof_is_said_and_nothing_signed(
    signed_in: OpenAs, dana: User, watch: PageWatch, signed: list[tuple[str, str]]
) -> None:
    watch.allow("ERR_INTERNET_DISCONNECTED")
    page = signed_in(dana)
    page.goto("/desk/")
    sign(page)
    page.get_by_label("Your password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#outcome")).to_have_text("Signed by password.")
    page.context.set_offline(True)
    sign(page)
    expect(page.locator(".toasts")).to_contain_text("The server cannot be reached")
    expect(page.locator("#outcome")).to_have_text("Nothing was signed.")
    assert len(signed) == 1


def test_a_first_answer_that_comes_late_takes_no_proof_back(
    signed_in: OpenAs, dana: User, signed: list[tuple[str, str]]
) -> None:
    page = signed_in(dana)
    held: list[Route] = []

    def hold_the_first(route: Route) -> None:
        if route.request.method == "GET" and not held:
            held.append(route)
        else:
            route.continue_()

    page.route("**/account/signing/", hold_the_first)
    page.goto("/desk/")
    sign(page)
    page.get_by_label("Your password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#outcome")).to_have_text("Signed by password.")
    with page.expect_response("**/account/signing/"):
        held[0].fulfill(json={"proved": False, "password": True, "passkeys": False, "seconds": 900})
    page.evaluate("document.getElementById('outcome').textContent = ''")
    sign(page)
    expect(page.locator("#outcome")).to_have_text("Signed by password.")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert len(signed) == 2


def test_without_a_script_a_page_asks_and_leads_back(
    signed_in: OpenAs, dana: User, assert_accessible: Check, watch: PageWatch
) -> None:
    watch.allow("status of 422|favicon")  # the desk answers a plain form with bare JSON
    page = signed_in(dana, java_script_enabled=False, width=390)
    page.goto("/desk/")
    sign(page)
    expect(page.get_by_role("heading", name="Is it you who signs?", level=1)).to_be_visible()
    page.get_by_label("Password").fill("guess")
    page.get_by_role("button", name="Confirm and go back").click()
    expect(page.get_by_role("alert")).to_contain_text("This is not your password")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm and go back").click()
    expect(page.get_by_role("heading", name="Case C-00042")).to_be_visible()
    sign(page)
    expect(page.locator("pre")).to_contain_text("method")
    assert json.loads(page.locator("pre").inner_text()) == {"method": "password"}


# ---- Passkeys --------------------------------------------------------------------------------


def test_a_passkey_is_made_signs_in_and_proves_who_signs(
    signed_in: OpenAs,
    open_page: OpenAs,
    live_server: Any,
    dana: User,
    assert_accessible: Check,
    signed: list[tuple[str, str]],
) -> None:
    page = signed_in(dana)
    device = Device(page)
    add_passkey(page)
    assert_accessible(page)
    stored = Authenticator.objects.get(user=dana, type="webauthn")
    assert stored.wrap().name == "Reading room 2"
    [key] = device.keys()
    assert key["isResidentCredential"]
    assert key["rpId"] == "localhost"

    sign_out(page)
    page.goto("/account/login/?next=/desk/%3Fdark")
    assert_accessible(page)
    page.get_by_role("button", name="Use a passkey").click()
    arrived(page, page.get_by_role("heading", name="Case C-00042"))
    expect(page.get_by_role("button", name="Account of Dana Demir")).to_be_visible()

    # Signing in is no proof: the dialog asks, and the same passkey answers.
    sign(page)
    dialog = page.get_by_role("dialog", name="Is it you who signs?")
    expect(dialog).to_be_visible()
    assert_accessible(page)
    dialog.get_by_role("button", name="Use a passkey").click()
    expect(page.locator("#outcome")).to_have_text("Signed by passkey.")
    assert signed == [("passkey", "")]
    stored.refresh_from_db()
    assert stored.last_used_at is not None


def test_the_wrong_finger_signs_nothing_and_the_password_still_does(
    signed_in: OpenAs, dana: User, signed: list[tuple[str, str]]
) -> None:
    page = signed_in(dana)
    device = Device(page)
    add_passkey(page)
    page.goto("/desk/")
    device.recognises(False)
    sign(page)
    dialog = page.get_by_role("dialog", name="Is it you who signs?")
    dialog.get_by_role("button", name="Use a passkey").click()
    expect(dialog.get_by_role("alert")).to_contain_text("No passkey was used")
    assert signed == []
    dialog.get_by_label("Your password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#outcome")).to_have_text("Signed by password.")


def test_after_the_password_the_second_step_takes_the_passkey(
    signed_in: OpenAs, dana: User, assert_accessible: Check
) -> None:
    page = signed_in(dana)
    Device(page)
    add_passkey(page)
    sign_out(page)
    page.goto("/account/login/")
    page.get_by_label("Email").fill(dana.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    arrived(page, page.get_by_role("heading", name="Second step"))
    assert_accessible(page)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("button", name="Account of Dana Demir")).to_be_visible()


@pytest.mark.parametrize("width", [1440, 390])
def test_a_passkey_is_renamed_and_removed_on_the_account_page(
    signed_in: OpenAs, dana: User, assert_accessible: Check, width: int
) -> None:
    page = signed_in(dana, width=width)
    Device(page)
    page.goto("/account/")
    assert_accessible(page)
    add_passkey(page, "Phone")
    page.goto("/account/")
    assert_accessible(page)
    page.get_by_role("link", name="Rename").click()
    arrived(page, page.get_by_role("button", name="Save the name"))
    assert_accessible(page)
    page.get_by_label("Name").fill("Old phone")
    page.get_by_role("button", name="Save the name").click()
    expect(page.get_by_role("listitem").filter(has_text="Old phone")).to_be_visible()
    page.get_by_role("link", name="Remove").click()
    arrived(page, page.get_by_role("button", name="Remove the passkey"))
    expect(page.locator("main")).to_contain_text("What you signed with it stays signed.")
    assert_accessible(page)
    page.get_by_role("button", name="Remove the passkey").click()
    expect(page.get_by_text("The passkey was removed.")).to_be_visible()
    assert not Authenticator.objects.exists()


def test_one_device_holds_one_passkey_of_an_account(signed_in: OpenAs, dana: User) -> None:
    page = signed_in(dana)
    Device(page)
    add_passkey(page)
    page.goto("/account/2fa/webauthn/add/")
    page.get_by_role("button", name="Add the passkey").click()
    expect(page.get_by_role("alert").last).to_contain_text("already has a passkey")
    assert Authenticator.objects.filter(type="webauthn").count() == 1


def test_where_passkeys_cannot_work_the_button_gives_way_to_the_reason(
    open_page: OpenAs, live_server: Any, dana: User, assert_accessible: Check
) -> None:
    by_number = live_server.url.replace("localhost", "127.0.0.1")
    page = open_page(base_url=by_number)
    page.goto("/account/login/")
    expect(page.get_by_role("button", name="Use a passkey")).to_be_hidden()
    expect(page.locator("[data-passkey-obstacle]")).to_contain_text(
        "Passkeys need a name in the address: open localhost instead of 127.0.0.1."
    )
    assert_accessible(page)


def test_the_authenticator_app_and_the_codes_are_in_the_product_s_own_look(
    signed_in: OpenAs, dana: User, assert_accessible: Check
) -> None:
    page = signed_in(dana, width=390)
    Device(page)
    add_passkey(page)
    for address in ("totp/activate/", "recovery-codes/", "recovery-codes/generate/"):
        page.goto(f"/account/2fa/{address}")
        expect(page.get_by_role("navigation", name="Breadcrumb")).to_be_visible()
        assert_accessible(page)
