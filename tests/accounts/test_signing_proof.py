"""Who signs proves it again; how long that counts, and when it ends early."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.cache import SessionStore
from django.core.cache import cache
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.utils import timezone

from accounts.errors import NotAllowed
from accounts.models import User
from accounts.services import (
    ProofMethod,
    SigningProofRequired,
    check_signing_password,
    current_signing_proof,
    has_signing_proof,
    prove_with_password,
    require_signing_proof,
    signing_passwords,
    spend_signing_proof,
)
from accounts.services import signing as signing_service
from accounts.services.signing_passwords import TooManyTries, WrongPassword
from tests.cast import signed_in
from tests.factories import PASSWORD, UserFactory

SCRIPT = {"accept": "application/json"}
PAGE = {"accept": "text/html"}


@pytest.fixture(autouse=True)
def nobody_has_tried() -> None:
    cache.clear()


@pytest.fixture
def request_of_dana(dana: User) -> HttpRequest:
    """A request in Dana's session."""
    request = RequestFactory().post("/")
    request.user, request.session = dana, SessionStore()
    return request


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Move the clock: `later(minutes=5)`."""
    start = timezone.now()

    def move(**time: float) -> None:
        moved = start + timedelta(**time)
        for module in (signing_service, signing_passwords):
            monkeypatch.setattr(module.timezone, "now", lambda: moved)

    return move


def test_signing_in_is_no_proof(dana: User, client: Client) -> None:
    client.post("/account/login/", {"login": dana.email, "password": PASSWORD})
    assert client.session["_auth_user_id"] == str(dana.pk)
    assert client.get("/account/signing/", headers=SCRIPT).json()["proved"] is False


def test_without_a_proof_nothing_is_signed(request_of_dana: HttpRequest) -> None:
    with pytest.raises(SigningProofRequired) as refused:
        require_signing_proof(request=request_of_dana)
    assert (refused.value.status, refused.value.code) == (403, "signing_proof_required")


def test_the_right_password_is_a_proof_with_method_and_time(request_of_dana: HttpRequest) -> None:
    before = timezone.now()
    prove_with_password(request=request_of_dana, password=PASSWORD)
    proof = require_signing_proof(request=request_of_dana)
    assert proof.method == ProofMethod.PASSWORD == "password"
    assert before <= proof.at <= timezone.now()


def test_a_wrong_password_proves_nothing(request_of_dana: HttpRequest) -> None:
    with pytest.raises(WrongPassword) as refused:
        prove_with_password(request=request_of_dana, password="guess")
    assert (refused.value.field, refused.value.status) == ("password", 400)
    assert not has_signing_proof(request=request_of_dana)


def test_a_proof_counts_from_its_moment_and_is_not_prolonged_by_use(
    request_of_dana: HttpRequest, later: Any
) -> None:
    later(minutes=0)
    proof = prove_with_password(request=request_of_dana, password=PASSWORD)
    later(minutes=14, seconds=59)
    assert require_signing_proof(request=request_of_dana) == proof
    later(minutes=15)
    assert not has_signing_proof(request=request_of_dana)


def test_a_proof_is_of_the_person_who_gave_it(
    request_of_dana: HttpRequest, dana: User, ada: User
) -> None:
    prove_with_password(request=request_of_dana, password=PASSWORD)
    ada.password = dana.password  # so that nothing but the person differs
    request_of_dana.user = ada
    assert not has_signing_proof(request=request_of_dana)
    request_of_dana.user = AnonymousUser()
    assert not has_signing_proof(request=request_of_dana)
    with pytest.raises(NotAllowed):
        prove_with_password(request=request_of_dana, password=PASSWORD)


def test_a_proof_lasts_for_one_signature_where_every_signature_asks(
    request_of_dana: HttpRequest, settings: LazySettings
) -> None:
    settings.SIGNING_PROOF_SECONDS = 0
    prove_with_password(request=request_of_dana, password=PASSWORD)
    require_signing_proof(request=request_of_dana)
    spend_signing_proof(request=request_of_dana)
    assert not has_signing_proof(request=request_of_dana)


def test_a_proof_for_one_signature_does_not_wait_for_ever(
    request_of_dana: HttpRequest, settings: LazySettings, later: Any
) -> None:
    settings.SIGNING_PROOF_SECONDS = 0
    later(minutes=0)
    prove_with_password(request=request_of_dana, password=PASSWORD)
    later(minutes=2)
    assert not has_signing_proof(request=request_of_dana)


def test_a_proof_serves_several_signatures_by_default(request_of_dana: HttpRequest) -> None:
    prove_with_password(request=request_of_dana, password=PASSWORD)
    spend_signing_proof(request=request_of_dana)
    assert has_signing_proof(request=request_of_dana)


def proved(user: User) -> Client:
    client = signed_in(user)
    answer = client.post("/account/signing/", {"password": PASSWORD}, headers=SCRIPT)
    assert answer.json()["proved"] is True
    return client


def is_proved(client: Client) -> bool:
    return client.get("/account/signing/", headers=SCRIPT).json()["proved"]


def test_a_changed_password_ends_the_proof_also_where_the_session_goes_on(dana: User) -> None:
    client = proved(dana)
    changed = {"password1": "a longer horse battery", "password2": "a longer horse battery"}
    client.post("/account/password/change/", {"oldpassword": PASSWORD} | changed)
    dana.refresh_from_db()
    assert dana.check_password("a longer horse battery")
    assert client.session["_auth_user_id"] == str(dana.pk)
    assert is_proved(client) is False


def test_signing_out_ends_the_proof(dana: User) -> None:
    client = proved(dana)
    client.post("/account/logout/")
    client.force_login(dana, backend="django.contrib.auth.backends.ModelBackend")
    assert is_proved(client) is False


def test_a_proof_stays_in_its_session(dana: User) -> None:
    proved(dana)
    assert is_proved(signed_in(dana)) is False


# ---- Guessing --------------------------------------------------------------------------------


def test_guessing_is_stopped_after_five_wrong_passwords(dana: User) -> None:
    for _ in range(5):
        with pytest.raises(WrongPassword):
            check_signing_password(user=dana, password="guess")
    with pytest.raises(TooManyTries) as refused:
        check_signing_password(user=dana, password=PASSWORD)
    assert refused.value.status == 429


def test_a_right_password_between_does_not_buy_more_guesses(dana: User) -> None:
    for _ in range(5):
        with pytest.raises(WrongPassword):
            check_signing_password(user=dana, password="guess")
        if _ < 4:
            check_signing_password(user=dana, password=PASSWORD)
    with pytest.raises(TooManyTries):
        check_signing_password(user=dana, password="guess")


def test_many_right_passwords_are_no_guesses(dana: User) -> None:
    for _ in range(12):
        check_signing_password(user=dana, password=PASSWORD)


def test_guesses_made_at_the_same_time_are_counted_too(dana: User) -> None:
    def guess(_: int) -> type[Exception]:
        with pytest.raises((WrongPassword, TooManyTries)) as refused:
            check_signing_password(user=dana, password="guess")
        return refused.type

    with ThreadPoolExecutor(16) as people:
        outcomes = list(people.map(guess, range(32)))
    assert outcomes.count(WrongPassword) == 5


def test_one_person_s_guesses_do_not_lock_out_another(dana: User, ada: User) -> None:
    for _ in range(6):
        with pytest.raises((WrongPassword, TooManyTries)):
            check_signing_password(user=dana, password="guess")
    assert check_signing_password(user=ada, password=PASSWORD).method == ProofMethod.PASSWORD


def test_the_window_ends(dana: User) -> None:
    for _ in range(6):
        with pytest.raises((WrongPassword, TooManyTries)):
            check_signing_password(user=dana, password="guess")
    cache.touch(f"signing-password:{dana.pk}", 0)
    check_signing_password(user=dana, password=PASSWORD)


def test_guesses_over_the_page_and_the_api_are_counted_together(dana: User) -> None:
    client = signed_in(dana)
    for _ in range(5):
        answer = client.post("/account/signing/", {"password": "guess"}, headers=SCRIPT)
        assert (answer.status_code, answer.json()["code"]) == (400, "wrong_password")
    with pytest.raises(TooManyTries):
        check_signing_password(user=dana, password=PASSWORD)


def test_what_happened_is_logged_without_the_password(
    request_of_dana: HttpRequest, dana: User, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "accounts")
    prove_with_password(request=request_of_dana, password=PASSWORD)
    with pytest.raises(WrongPassword):
        prove_with_password(request=request_of_dana, password="my secret guess")
    assert [record.levelname for record in caplog.records] == ["INFO", "WARNING"]
    assert caplog.text.count(str(dana.pk)) == 2
    assert "my secret guess" not in caplog.text
    assert PASSWORD not in caplog.text


@pytest.mark.parametrize("password", ["", " ", PASSWORD.upper(), f" {PASSWORD}", "\x00"])
def test_nearly_right_is_wrong(dana: User, password: str) -> None:
    with pytest.raises(WrongPassword):
        check_signing_password(user=dana, password=password)


def test_an_account_without_a_password_or_closed_cannot_sign(dana: User, db: None) -> None:
    with pytest.raises(WrongPassword, match="no password"):
        check_signing_password(user=UserFactory(password=None), password="")
    dana.is_active = False
    with pytest.raises(WrongPassword):
        check_signing_password(user=dana, password=PASSWORD)


# ---- The page and the script's answers -------------------------------------------------------


def test_a_stranger_is_led_to_the_sign_in_and_a_script_is_told(client: Client, db: None) -> None:
    for path in ("", "passkey/", "passkey/options/"):
        page = client.post(f"/account/signing/{path}", headers=PAGE)
        assert page.status_code == 302
        assert page.headers["Location"].startswith("/account/login/?next=/account/signing/")
        answer = client.post(f"/account/signing/{path}", headers=SCRIPT)
        assert (answer.status_code, answer.json()["code"]) == (401, "signed_out")


def test_a_person_of_any_role_may_prove_who_they_are(alice: User, dana: User, ada: User) -> None:
    for person in (alice, dana, ada):
        assert is_proved(proved(person)) is True


def test_the_script_hears_what_the_dialog_needs(dana: User) -> None:
    state = proved(dana).get("/account/signing/", headers=SCRIPT)
    body = state.json()
    assert body["seconds"] == 900
    assert (body["password"], body["passkeys"]) == (True, False)
    assert body["until"] > timezone.now().isoformat()
    assert "no-store" in state.headers["Cache-Control"]


def test_without_a_script_the_page_asks_and_goes_back(dana: User) -> None:
    client = signed_in(dana)
    page = client.get("/account/signing/", {"next": "/worklist/"}, headers=PAGE)
    assert 'value="/worklist/"' in page.content.decode()
    sent = {"password": "guess", "next": "/worklist/"}
    wrong = client.post("/account/signing/", sent, headers=PAGE)
    assert wrong.status_code == 422
    assert "This is not your password" in wrong.content.decode()
    assert "guess" not in wrong.content.decode()
    right = client.post("/account/signing/", sent | {"password": PASSWORD}, headers=PAGE)
    assert (right.status_code, right.headers["Location"]) == (302, "/worklist/")
    again = client.get("/account/signing/", {"next": "/worklist/"}, headers=PAGE)
    assert (again.status_code, again.headers["Location"]) == (302, "/worklist/")


def test_nothing_entered_is_asked_for_again(dana: User) -> None:
    page = signed_in(dana).post("/account/signing/", {"password": ""}, headers=PAGE)
    assert page.status_code == 422
    assert "Enter your password." in page.content.decode()


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "\\\\evil"]
)
def test_the_way_back_is_never_another_site(dana: User, elsewhere: str) -> None:
    sent = {"password": PASSWORD, "next": elsewhere}
    answer = signed_in(dana).post("/account/signing/", sent, headers=PAGE)
    assert answer.headers["Location"] == "/"


def test_too_many_tries_are_said_on_the_page(dana: User) -> None:
    client = signed_in(dana)
    for _ in range(6):
        page = client.post("/account/signing/", {"password": "guess"}, headers=PAGE)
    assert page.status_code == 429
    assert "Too many wrong passwords" in page.content.decode()


def test_another_site_cannot_prove_for_somebody(dana: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(dana, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.post("/account/signing/", {"password": PASSWORD}, headers=SCRIPT)
    assert answer.status_code == 403
    assert current_signing_proof(request=_with_session(client, dana)) is None


def _with_session(client: Client, user: User) -> HttpRequest:
    request = RequestFactory().get("/")
    request.user, request.session = user, client.session
    return request
