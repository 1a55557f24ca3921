"""One's own account: what it shows, the passkeys on it, and the second step of signing in."""

import json
import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from allauth.mfa.totp.internal.auth import yield_hotp_counters_from_time as counters
from cryptography.fernet import InvalidToken
from django.conf import LazySettings
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.second_factor import SecondFactorAdapter
from tests.accounts.software_passkey import SoftwarePasskey
from tests.cast import signed_in
from tests.factories import PASSWORD

SCRIPT = {"accept": "application/json"}


@pytest.fixture(autouse=True)
def nobody_has_tried() -> None:
    cache.clear()


@pytest.fixture
def phone(dana: User) -> SoftwarePasskey:
    key = SoftwarePasskey()
    key.belongs_to(dana, "Dana's phone")
    return key


def confirmed(user: User) -> Client:
    """A browser in which the person has just confirmed their password."""
    client = signed_in(user)
    answer = client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert answer.status_code == 302
    return client


def add_passkey(client: Client, key: SoftwarePasskey, *, verified: bool = True) -> Any:
    page = client.get(reverse("mfa_add_webauthn"))
    options = page.context["js_data"]["creation_options"]
    challenge = json.loads(json.dumps(options, default=dict))["publicKey"]["challenge"]
    credential = json.dumps(key.registered(challenge, verified=verified))
    return client.post(
        reverse("mfa_add_webauthn"), {"name": "Reading room", "credential": credential}
    )


def second_step(client: Client, user: User) -> Any:
    return client.post(
        reverse("account_login"), {"login": user.email, "password": PASSWORD}, follow=True
    )


# ---- The page --------------------------------------------------------------------------------


def test_a_person_sees_their_name_address_roles_and_passkeys(
    dana: User, phone: SoftwarePasskey
) -> None:
    text = signed_in(dana).get("/account/").content.decode()
    assert {
        "Dana Demir",
        dana.email,
        "Northside Hospital",
        "Dermatologist",
        "Dana&#x27;s phone",
    } <= {shown.strip() for shown in re.split(r"<[^>]*>", text)}


def test_nobody_sees_a_colleague_s_passkeys(dana: User, ada: User, phone: SoftwarePasskey) -> None:
    seen = signed_in(ada).get("/account/")
    assert seen.context["methods"].passkeys == []
    assert "Dana" not in seen.content.decode()


def test_a_stranger_is_led_to_the_sign_in(client: Client, db: None) -> None:
    for name in ("account", "mfa_add_webauthn", "mfa_activate_totp", "mfa_view_recovery_codes"):
        assert client.get(reverse(name)).headers["Location"].startswith("/account/login/")


def test_the_lists_of_the_sign_in_library_lead_to_the_account_page(dana: User) -> None:
    client = signed_in(dana)
    for name in ("mfa_index", "mfa_list_webauthn"):
        assert client.get(reverse(name)).headers["Location"] == "/account/"


def test_the_account_page_costs_few_queries(
    dana: User, phone: SoftwarePasskey, django_assert_max_num_queries: Any
) -> None:
    client = signed_in(dana)
    with django_assert_max_num_queries(6):
        client.get("/account/")


# ---- Adding, naming and removing -------------------------------------------------------------


def test_adding_a_passkey_asks_for_the_password_first(dana: User) -> None:
    answer = signed_in(dana).get(reverse("mfa_add_webauthn"))
    assert answer.headers["Location"].startswith(reverse("account_reauthenticate"))


def test_a_wrong_password_confirms_nothing(dana: User) -> None:
    client = signed_in(dana)
    answer = client.post(reverse("account_reauthenticate"), {"password": "guess"})
    assert answer.status_code == 200
    assert client.get(reverse("mfa_add_webauthn")).status_code == 302


def test_a_new_passkey_stands_in_the_account_and_brings_recovery_codes(dana: User) -> None:
    client = confirmed(dana)
    added = add_passkey(client, SoftwarePasskey())
    assert added.headers["Location"] == reverse("mfa_view_recovery_codes")
    assert "Reading room" in client.get("/account/").content.decode()
    codes = client.get(reverse("mfa_view_recovery_codes")).context["unused_codes"]
    assert len(set(codes)) == 10


def test_a_key_that_does_not_check_the_person_is_no_passkey(dana: User) -> None:
    answer = add_passkey(confirmed(dana), SoftwarePasskey(), verified=False)
    assert answer.status_code == 200
    assert "not accepted" in answer.content.decode()
    assert not Authenticator.objects.exists()


@pytest.mark.parametrize("sent", ["{}", "[]", "7", '{"response": {"attestationObject": "AA"}}'])
def test_what_is_no_passkey_is_refused_on_the_page(dana: User, sent: str) -> None:
    client = confirmed(dana)
    client.get(reverse("mfa_add_webauthn"))
    answer = client.post(reverse("mfa_add_webauthn"), {"name": "x", "credential": sent})
    assert answer.status_code == 200
    assert not Authenticator.objects.exists()


def test_a_passkey_is_renamed_and_removed_by_its_owner_only(
    dana: User, ada: User, phone: SoftwarePasskey
) -> None:
    key = Authenticator.objects.get()
    rename, remove = (reverse(f"mfa_{act}_webauthn", args=[key.pk]) for act in ("edit", "remove"))
    for address in (rename, remove):
        assert confirmed(ada).get(address).status_code == 404
        assert confirmed(ada).post(address, {"name": "Ada's"}).status_code == 404
    owner = confirmed(dana)
    assert owner.post(rename, {"name": "Old phone"}).status_code == 302
    assert Authenticator.objects.get().wrap().name == "Old phone"
    assert owner.post(remove).status_code == 302
    assert not Authenticator.objects.exists()


# ---- Signing in ------------------------------------------------------------------------------


def sign_in_with(client: Client, key: SoftwarePasskey, user: User, **how: Any) -> Any:
    login = reverse("mfa_login_webauthn")
    asked = client.get(login, headers=SCRIPT).json()["request_options"]
    return client.post(
        login, {"credential": json.dumps(key.signed(asked, user=user, **how)), "next": "/cases/"}
    )


def test_a_passkey_signs_in_and_goes_on(dana: User, phone: SoftwarePasskey, client: Client) -> None:
    answer = sign_in_with(client, phone, dana)
    assert answer.headers["Location"] == "/cases/"
    assert client.session["_auth_user_id"] == str(dana.pk)


def test_signing_in_with_a_passkey_is_no_proof_for_signing(
    dana: User, phone: SoftwarePasskey, client: Client
) -> None:
    sign_in_with(client, phone, dana)
    assert client.get("/account/signing/", headers=SCRIPT).json()["proved"] is False


def test_a_passkey_signs_nobody_else_in(
    dana: User, ada: User, phone: SoftwarePasskey, client: Client
) -> None:
    sign_in_with(client, phone, ada)
    assert "_auth_user_id" not in client.session
    sign_in_with(client, phone, dana, verified=False)
    assert "_auth_user_id" not in client.session


def test_a_closed_account_stays_closed_to_its_passkey(
    dana: User, phone: SoftwarePasskey, client: Client
) -> None:
    dana.is_active = False
    dana.save()
    sign_in_with(client, phone, dana)
    assert "_auth_user_id" not in client.session


def test_after_the_password_whoever_has_a_passkey_is_asked_for_it(
    dana: User, phone: SoftwarePasskey, client: Client
) -> None:
    page = second_step(client, dana)
    assert "Second step" in page.content.decode()
    assert "_auth_user_id" not in client.session
    asked = json.loads(json.dumps(page.context["js_data"]["request_options"], default=dict))
    client.post(
        reverse("mfa_authenticate"), {"credential": json.dumps(phone.signed(asked, user=dana))}
    )
    assert client.session["_auth_user_id"] == str(dana.pk)


def test_a_recovery_code_opens_once(dana: User, client: Client) -> None:
    owner = confirmed(dana)
    add_passkey(owner, SoftwarePasskey())
    code = owner.get(reverse("mfa_view_recovery_codes")).context["unused_codes"][0]
    for expected in (True, False):
        browser = Client()
        second_step(browser, dana)
        browser.post(reverse("mfa_authenticate"), {"code": code})
        assert ("_auth_user_id" in browser.session) is expected


def test_an_authenticator_app_is_set_up_and_asked_for(dana: User, client: Client) -> None:
    owner = confirmed(dana)
    page = owner.get(reverse("mfa_activate_totp"))
    secret = page.context["form"].secret
    assert secret in page.content.decode()
    owner.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})
    assert Authenticator.objects.filter(type="totp").exists()
    second_step(client, dana)
    cache.clear()  # the code has just been used, and counts once
    client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    assert client.session["_auth_user_id"] == str(dana.pk)


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(iter(counters()))))


# ---- Secrets at rest -------------------------------------------------------------------------


def test_the_database_alone_gives_no_codes(dana: User) -> None:
    secret = generate_totp_secret()
    stored = TOTP.activate(dana, secret).instance
    stored.refresh_from_db()
    assert secret not in json.dumps(stored.data)
    assert stored.wrap().validate_code(code_of(secret))


def test_a_secret_key_may_change_while_the_old_one_is_kept(settings: LazySettings) -> None:
    adapter = SecondFactorAdapter()
    kept = adapter.encrypt("secret")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "newer", [settings.SECRET_KEY]
    assert adapter.decrypt(kept) == "secret"
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(InvalidToken):
        adapter.decrypt(kept)
