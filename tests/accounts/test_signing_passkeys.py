"""A passkey proves who signs: what is accepted, and everything that is not."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from fido2.utils import websafe_encode
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from accounts.services import signing_passkeys
from tests.accounts.software_passkey import SoftwarePasskey
from tests.cast import signed_in

SCRIPT = {"accept": "application/json"}


@pytest.fixture(autouse=True)
def nobody_has_tried() -> None:
    cache.clear()


@pytest.fixture
def phone(dana: User) -> SoftwarePasskey:
    """Dana's passkey."""
    key = SoftwarePasskey()
    key.belongs_to(dana)
    return key


@pytest.fixture
def client_of_dana(dana: User) -> Client:
    return signed_in(dana)


def options(client: Client) -> dict[str, Any]:
    answer = client.post("/account/signing/passkey/options/", headers=SCRIPT)
    assert answer.status_code == 200, answer.content
    return answer.json()["request_options"]


def send(client: Client, credential: Any) -> Any:
    sent = {"credential": json.dumps(credential)}
    return client.post("/account/signing/passkey/", sent, headers=SCRIPT)


def assert_refused(client: Client, answer: Any) -> None:
    assert (answer.status_code, answer.json()["code"]) == (400, "passkey_refused")
    assert client.get("/account/signing/", headers=SCRIPT).json()["proved"] is False


def test_the_own_passkey_is_a_proof_with_method_and_time(
    client_of_dana: Client, phone: SoftwarePasskey, dana: User
) -> None:
    answer = send(client_of_dana, phone.signed(options(client_of_dana)))
    assert answer.json()["proved"] is True
    kept = client_of_dana.session["signing_proof"]
    assert kept["method"] == "passkey"
    used = dana.authenticator_set.get()
    assert kept["passkey"] == used.pk
    assert used.last_used_at is not None


def test_the_browser_is_asked_for_the_own_passkeys_with_a_check_of_the_person(
    client_of_dana: Client, phone: SoftwarePasskey, ada: User
) -> None:
    SoftwarePasskey().belongs_to(ada)
    asked = options(client_of_dana)["publicKey"]
    assert asked["userVerification"] == "required"
    assert asked["rpId"] == "testserver"
    own = phone.signed({"publicKey": asked})["id"]
    assert [key["id"] for key in asked["allowCredentials"]] == [own]


def test_somebody_without_a_passkey_is_told_so(client_of_dana: Client) -> None:
    answer = client_of_dana.post("/account/signing/passkey/options/", headers=SCRIPT)
    assert answer.status_code == 400
    assert "no passkey yet" in answer.json()["detail"]


def test_a_colleague_s_passkey_proves_nothing(
    client_of_dana: Client, phone: SoftwarePasskey, ada: User
) -> None:
    other = SoftwarePasskey()
    other.belongs_to(ada)
    answer = send(client_of_dana, other.signed(options(client_of_dana), user=ada))
    assert_refused(client_of_dana, answer)


def test_a_forged_signature_proves_nothing(client_of_dana: Client, phone: SoftwarePasskey) -> None:
    forger = SoftwarePasskey()
    forger.id = phone.id
    assert_refused(client_of_dana, send(client_of_dana, forger.signed(options(client_of_dana))))


def test_holding_the_device_is_not_enough(client_of_dana: Client, phone: SoftwarePasskey) -> None:
    answer = send(client_of_dana, phone.signed(options(client_of_dana), verified=False))
    assert_refused(client_of_dana, answer)


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://testserver", "https://testserver.evil.example"]
)
def test_an_answer_given_to_another_site_proves_nothing(
    client_of_dana: Client, phone: SoftwarePasskey, origin: str
) -> None:
    answer = send(client_of_dana, phone.signed(options(client_of_dana), origin=origin))
    assert_refused(client_of_dana, answer)


def test_an_answer_counts_once(client_of_dana: Client, phone: SoftwarePasskey, dana: User) -> None:
    credential = phone.signed(options(client_of_dana))
    assert send(client_of_dana, credential).status_code == 200
    second = signed_in(dana)
    options(second)
    assert_refused(second, send(second, credential))
    again = send(client_of_dana, credential)
    assert again.status_code == 400


def test_a_challenge_is_spent_by_a_wrong_answer(
    client_of_dana: Client, phone: SoftwarePasskey
) -> None:
    asked = options(client_of_dana)
    send(client_of_dana, {"id": "nothing"})
    assert_refused(client_of_dana, send(client_of_dana, phone.signed(asked)))


def test_an_answer_nobody_asked_for_proves_nothing(
    client_of_dana: Client, phone: SoftwarePasskey
) -> None:
    made_up = {"publicKey": {"challenge": "AAAAAAAAAAAAAAAAAAAAAA"}}
    assert_refused(client_of_dana, send(client_of_dana, phone.signed(made_up)))


def test_the_challenge_of_a_sign_in_is_none_of_a_signature(
    client_of_dana: Client, phone: SoftwarePasskey, client: Client
) -> None:
    asked = client.get("/account/2fa/webauthn/login/", headers=SCRIPT).json()["request_options"]
    session = client_of_dana.session
    session["mfa.webauthn.state"] = client.session["mfa.webauthn.state"]
    session.save()
    assert_refused(client_of_dana, send(client_of_dana, phone.signed(asked)))


def test_a_challenge_is_of_the_person_it_was_made_for(
    client_of_dana: Client, phone: SoftwarePasskey, ada: User
) -> None:
    """Two people at one desk: the second signs in without the first having signed out."""
    asked = options(client_of_dana)
    pending = client_of_dana.session["signing_challenge"]
    other = signed_in(ada)
    phone.belongs_to(ada)
    session = other.session
    session["signing_challenge"] = pending
    session.save()
    assert_refused(other, send(other, phone.signed(asked)))


def test_a_challenge_is_answered_within_five_minutes(
    client_of_dana: Client, phone: SoftwarePasskey, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = options(client_of_dana)
    late = timezone.now() + timedelta(minutes=5, seconds=1)
    monkeypatch.setattr(signing_passkeys.timezone, "now", lambda: late)
    assert_refused(client_of_dana, send(client_of_dana, phone.signed(asked)))


def test_a_removed_passkey_proves_nothing_more(
    client_of_dana: Client, phone: SoftwarePasskey, dana: User
) -> None:
    send(client_of_dana, phone.signed(options(client_of_dana)))
    dana.authenticator_set.all().delete()
    assert client_of_dana.get("/account/signing/", headers=SCRIPT).json()["proved"] is False


@pytest.mark.parametrize(
    "sent", ["", "null", "[]", "7", "{", '{"id": 1}', '{"rawId": {}, "response": []}']
)
def test_what_is_no_answer_is_refused(
    client_of_dana: Client, phone: SoftwarePasskey, sent: str
) -> None:
    options(client_of_dana)
    answer = client_of_dana.post("/account/signing/passkey/", {"credential": sent}, headers=SCRIPT)
    assert_refused(client_of_dana, answer)


base64url = (
    st.text("ABCDefgh0189-_=", max_size=80) | st.text(max_size=8) | st.integers() | st.none()
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(parts=st.dictionaries(st.sampled_from(
    ["clientDataJSON", "authenticatorData", "signature", "userHandle"]), base64url))  # fmt: skip
def test_nothing_that_a_browser_may_send_breaks_the_server(
    client_of_dana: Client, phone: SoftwarePasskey, parts: dict[str, Any]
) -> None:
    credential = phone.signed(options(client_of_dana))
    credential["response"] |= parts
    assert send(client_of_dana, credential).status_code in {200, 400}


# What is parsed in time, and in memory, by nobody: found by the test above.
HOSTILE = [
    {"signature": 10**13},
    {"clientDataJSON": 10**13},
    {"authenticatorData": [10**13]},
    {"signature": {"a": {"b": {"c": {"d": {"e": "deep"}}}}}},
    {"signature": "A" * 70_000},
    # Authenticator data that announce an extension and nest it without end.
    {"authenticatorData": websafe_encode(bytes(32) + b"\x85" + bytes(4) + b"\x81" * 40_000)},
]


@pytest.mark.parametrize("parts", HOSTILE, ids=lambda parts: next(iter(parts)))
def test_a_hostile_answer_costs_nothing_and_proves_nothing(
    client_of_dana: Client, phone: SoftwarePasskey, parts: dict[str, Any]
) -> None:
    credential = phone.signed(options(client_of_dana))
    credential["response"] |= parts
    assert_refused(client_of_dana, send(client_of_dana, credential))


@pytest.mark.parametrize("parts", HOSTILE, ids=lambda parts: next(iter(parts)))
def test_a_hostile_answer_at_the_sign_in_costs_nothing_and_opens_nothing(
    client: Client, phone: SoftwarePasskey, dana: User, parts: dict[str, Any]
) -> None:
    login = "/account/2fa/webauthn/login/"
    asked = client.get(login, headers=SCRIPT).json()["request_options"]
    credential = phone.signed(asked, user=dana)
    credential["response"] |= parts
    answer = client.post(login, {"credential": json.dumps(credential)})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/account/login/")
    assert "_auth_user_id" not in client.session
