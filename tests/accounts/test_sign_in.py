"""Signing in by e-mail and password, and choosing an organisation."""

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts.models import Organisation, Role, User
from accounts.services import end_membership, grant_role
from tests.cast import signed_in
from tests.factories import PASSWORD


def sign_in(client: Client, email: str, password: str = PASSWORD):
    return client.post(reverse("account_login"), {"login": email, "password": password})


def test_alice_signs_in_with_her_email_address_in_any_case(alice: User, client: Client) -> None:
    answer = sign_in(client, alice.email.upper())
    assert answer.status_code == 302
    assert answer.headers["Location"] == reverse("home")
    assert client.get(reverse("home")).status_code == 200


def test_a_wrong_password_says_nothing_about_who_exists(alice: User, client: Client) -> None:
    known = sign_in(client, alice.email, "wrong password")
    unknown = sign_in(client, "nobody@example.com", "wrong password")
    assert known.status_code == unknown.status_code == 200
    assert known.context["form"].errors == unknown.context["form"].errors


def test_guessing_is_stopped_after_five_tries(
    alice: User, client: Client, settings: LazySettings
) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key"}
    cache.clear()
    for _ in range(5):
        sign_in(client, alice.email, "wrong password")
    answer = sign_in(client, alice.email)
    assert "_auth_user_id" not in client.session
    assert "Too many" in answer.content.decode()
    cache.clear()


def test_a_person_who_left_cannot_sign_in(alice: User, client: Client) -> None:
    alice.is_active = False
    alice.save()
    sign_in(client, alice.email)
    assert "_auth_user_id" not in client.session


def test_nobody_can_sign_up(client: Client, db: None) -> None:
    answer = client.post(
        reverse("account_signup"),
        {"email": "eve@example.com", "password1": PASSWORD, "password2": PASSWORD},
    )
    assert not User.objects.filter(email="eve@example.com").exists()
    assert answer.status_code in {200, 302, 403, 404}


def test_the_page_after_signing_in_is_never_another_site(alice: User, client: Client) -> None:
    answer = client.post(
        reverse("account_login") + "?next=https://evil.example/",
        {"login": alice.email, "password": PASSWORD, "next": "https://evil.example/"},
    )
    assert answer.headers["Location"] == reverse("home")


def test_signing_out_needs_a_post(alice: User) -> None:
    client = signed_in(alice)
    client.get(reverse("account_logout"))
    assert "_auth_user_id" in client.session
    client.post(reverse("account_logout"))
    assert "_auth_user_id" not in client.session


@pytest.fixture
def alice_at_both(alice: User, southside: Organisation) -> User:
    grant_role(user=alice, organisation=southside, role=Role.DERMATOLOGIST)
    return alice


def test_somebody_with_two_organisations_switches(
    alice_at_both: User, northside: Organisation, southside: Organisation
) -> None:
    client = signed_in(alice_at_both)
    assert client.get(reverse("home")).context["shell"]["organisation"] == northside
    client.post(reverse("organisation-switch"), {"organisation": southside.pk})
    shell = client.get(reverse("home")).context["shell"]
    assert (shell["organisation"], shell["role"]) == (southside, "dermatologist")


def test_a_lost_membership_ends_at_once(alice_at_both: User, southside: Organisation) -> None:
    client = signed_in(alice_at_both)
    client.post(reverse("organisation-switch"), {"organisation": southside.pk})
    end_membership(membership=alice_at_both.memberships.get(organisation=southside))
    assert client.get(reverse("home")).context["shell"]["organisation"] != southside


def test_nobody_switches_to_an_organisation_of_others(alice: User, southside: Organisation) -> None:
    client = signed_in(alice)
    for guess in [str(southside.pk), "not-a-key", ""]:
        answer = client.post(reverse("organisation-switch"), {"organisation": guess})
        assert answer.status_code == 404


def test_somebody_without_any_organisation_is_told_so(client: Client, db: None) -> None:
    stray = User.objects.create_user("stray@example.com", PASSWORD, full_name="Stray")
    answer = signed_in(stray).get(reverse("home"))
    assert answer.status_code == 403
    assert "organisation" in answer.content.decode()
