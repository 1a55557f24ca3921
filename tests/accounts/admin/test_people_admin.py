"""People, roles, organisations and API clients in the administration."""

import re

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import ApiClient, Membership, Organisation, Role, User
from accounts.services import create_api_client, grant_role
from tests.cast import signed_in
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

PEOPLE = "/admin/accounts/user/"
ROLES = "/admin/accounts/membership/"
PLACES = "/admin/accounts/organisation/"
CLIENTS = "/admin/accounts/apiclient/"


@pytest.fixture
def browser(ada: User) -> Client:
    return signed_in(ada)


@pytest.fixture
def operator(db: None) -> Client:
    """The operator of the installation."""
    return signed_in(User.objects.create_superuser("root@example.com", full_name="Olga Operator"))


def page(browser: Client, url: str) -> str:
    response = browser.get(url)
    assert response.status_code == 200, url
    return response.content.decode()


def invite(browser: Client, organisation: Organisation, **fields: str) -> str:
    form = {
        "email": "erin@northside.example",
        "full_name": "Erin Ek",
        "organisation": str(organisation.pk),
        "role": "clinician",
    } | fields
    response = browser.post(f"{PEOPLE}add/", form)
    return response.content.decode()


def person_form(user: User, *, roles: list[tuple[Membership, str]] = (), **fields: str) -> dict:  # type: ignore[assignment]
    form = {
        "email": user.email,
        "full_name": user.full_name,
        "is_active": "on",
        "memberships-TOTAL_FORMS": str(len(roles)),
        "memberships-INITIAL_FORMS": str(len(roles)),
    }
    for number, (membership, role) in enumerate(roles):
        form |= {
            f"memberships-{number}-id": str(membership.pk),
            f"memberships-{number}-user": str(user.pk),
            f"memberships-{number}-organisation": str(membership.organisation_id),
            f"memberships-{number}-role": role,
        }
    return form | fields


@pytest.mark.parametrize("url", ["/admin/", PEOPLE, ROLES, PLACES, CLIENTS])
def test_a_clinician_is_sent_away_and_an_administrator_gets_in(
    url: str, alice: User, ada: User
) -> None:
    assert signed_in(alice).get(url).status_code == 302
    assert signed_in(ada).get(url).status_code == 200


def test_a_member_of_staff_without_a_role_sees_nothing(
    alice: User, northside: Organisation
) -> None:
    clerk = UserFactory(is_staff=True)
    browser = signed_in(clerk)
    assert browser.get(PEOPLE).status_code == 403
    assert browser.get(f"{PEOPLE}{alice.pk}/change/").status_code == 404
    assert "accounts" not in page(browser, "/admin/").replace("/account/", "")


def test_an_administrator_sees_people_of_their_own_organisation_only(
    browser: Client, alice: User, bob: User
) -> None:
    html = page(browser, PEOPLE)
    assert "Alice Ashdown" in html
    assert "Bob Brandt" not in html
    assert browser.get(f"{PEOPLE}{bob.pk}/change/").status_code == 404
    assert browser.post(f"{PEOPLE}{bob.pk}/change/", person_form(bob)).status_code == 404
    assert browser.get(f"{ROLES}{bob.memberships.get().pk}/change/").status_code == 404


def test_an_invited_person_sets_the_password_with_the_link(
    browser: Client, northside: Organisation
) -> None:
    html = invite(browser, northside)

    user = User.objects.get(email="erin@northside.example")
    assert not user.has_usable_password()
    assert user.memberships.get().role == Role.CLINICIAN
    link = re.search(r"<code>http://testserver(/[^<]+)</code>", html)
    assert link, html
    visitor = Client()
    form = visitor.get(link[1], follow=True)
    secret = {"password1": "a long enough phrase", "password2": "a long enough phrase"}
    visitor.post(form.redirect_chain[-1][0], secret)
    user.refresh_from_db()
    assert user.check_password("a long enough phrase")


def test_inviting_somebody_who_has_an_account_gives_the_role_and_no_way_into_it(
    browser: Client, bob: User, northside: Organisation
) -> None:
    html = invite(browser, northside, email="BOB@southside.example", full_name="Mallory")

    bob.refresh_from_db()
    assert bob.full_name == "Bob Brandt"
    assert bob.memberships.count() == 2
    assert "reset" not in html


def test_an_administrator_cannot_invite_into_another_organisation(
    browser: Client, northside: Organisation, southside: Organisation
) -> None:
    html = invite(browser, southside)
    assert "Select a valid choice" in html
    assert not User.objects.filter(email="erin@northside.example").exists()


def test_somebody_who_also_works_elsewhere_cannot_be_renamed_or_locked_out(
    browser: Client, bob: User, northside: Organisation
) -> None:
    membership = grant_role(user=bob, organisation=northside, role=Role.CLINICIAN)
    attack = person_form(bob, roles=[(membership, "dermatologist")], email="ada@northside.example")
    attack.pop("is_active")

    response = browser.post(f"{PEOPLE}{bob.pk}/change/", attack)

    assert response.status_code == 302
    bob.refresh_from_db()
    assert (bob.email, bob.is_active) == ("bob@southside.example", True)
    membership.refresh_from_db()
    assert membership.role == Role.DERMATOLOGIST, "the role here is theirs to give"
    html = page(browser, f"{PEOPLE}{bob.pk}/change/")
    assert "Southside" not in html


def test_nobody_makes_themselves_the_operator(browser: Client, ada: User) -> None:
    membership = ada.memberships.get()
    form = person_form(ada, roles=[(membership, "administrator")], is_superuser="on", is_staff="on")
    browser.post(f"{PEOPLE}{ada.pk}/change/", form)
    ada.refresh_from_db()
    assert not ada.is_superuser


def test_a_new_administrator_may_open_the_administration_and_a_former_one_may_not(
    browser: Client, alice: User
) -> None:
    membership = alice.memberships.get()
    browser.post(
        f"{PEOPLE}{alice.pk}/change/", person_form(alice, roles=[(membership, "administrator")])
    )
    assert signed_in(alice).get(PEOPLE).status_code == 200
    browser.post(
        f"{PEOPLE}{alice.pk}/change/", person_form(alice, roles=[(membership, "clinician")])
    )
    assert signed_in(alice).get(PEOPLE).status_code == 302


def test_administrators_cannot_take_their_own_role(browser: Client, ada: User) -> None:
    membership = ada.memberships.get()
    form = person_form(ada, roles=[(membership, "clinician")])
    response = browser.post(f"{PEOPLE}{ada.pk}/change/", form)
    assert "You cannot take the administrator role from yourself" in response.content.decode()
    assert browser.post(f"{ROLES}{membership.pk}/delete/", {"post": "yes"}).status_code == 403
    membership.refresh_from_db()
    assert membership.role == Role.ADMINISTRATOR


def test_ending_a_role_ends_what_the_person_sees(browser: Client, alice: User) -> None:
    membership = alice.memberships.get()
    browser.post(f"{ROLES}{membership.pk}/delete/", {"post": "yes"})
    assert not Membership.objects.filter(pk=membership.pk).exists()


def test_a_password_link_goes_to_the_persons_own_address(browser: Client, alice: User) -> None:
    browser.post(PEOPLE, {"action": "send_links", "_selected_action": [str(alice.pk)]})
    assert mail.outbox[0].to == [alice.email]
    assert "/account/password/reset/key/" in mail.outbox[0].body


def test_people_are_deactivated_and_never_deleted(browser: Client, alice: User) -> None:
    assert browser.post(f"{PEOPLE}{alice.pk}/delete/", {"post": "yes"}).status_code == 403
    membership = alice.memberships.get()
    form = person_form(alice, roles=[(membership, "clinician")])
    form.pop("is_active")
    browser.post(f"{PEOPLE}{alice.pk}/change/", form)
    alice.refresh_from_db()
    assert not alice.is_active


def test_only_the_operator_opens_organisations(
    browser: Client, operator: Client, southside: Organisation, northside: Organisation
) -> None:
    assert browser.get(f"{PLACES}add/").status_code == 403
    assert "Southside" not in page(browser, PLACES)
    assert browser.get(f"{PLACES}{southside.pk}/change/").status_code == 404
    assert browser.post(f"{PLACES}{northside.pk}/change/", {"name": "Mine"}).status_code == 403
    operator.post(f"{PLACES}add/", {"name": "Eastside", "slug": "eastside", "is_active": "on"})
    assert Organisation.objects.filter(slug="eastside").exists()


def test_an_api_clients_secret_is_shown_once_and_works(
    browser: Client, northside: Organisation
) -> None:
    form = {"name": "Archive", "organisation": str(northside.pk), "scopes": "read"}
    response = browser.post(f"{CLIENTS}add/", form)
    codes = re.findall(r"<code>([^<]+)</code>", response.content.decode())
    client_id, secret = codes[:2]
    assert "no-store" in response["Cache-Control"]

    token = Client().post(
        reverse("oauth-token"),
        {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret},
    )
    assert token.status_code == 200
    client = ApiClient.objects.get()
    later = page(browser, f"{CLIENTS}{client.pk}/change/")
    assert secret not in later
    assert "(API client)" not in page(browser, PEOPLE), "an account nobody signs in to"


def test_a_revoked_api_client_gets_no_more_tokens(browser: Client, northside: Organisation) -> None:
    made = create_api_client(organisation=northside, name="Archive")
    browser.post(f"{CLIENTS}{made.client.pk}/delete/", {"post": "yes"})
    assert not ApiClient.objects.exists()
    account = User.objects.get(email__endswith="@clients.invalid")
    assert not account.is_active
    assert not account.memberships.exists()


def test_another_organisations_api_clients_are_not_found(
    browser: Client, southside: Organisation
) -> None:
    made = create_api_client(organisation=southside, name="Secret archive")
    assert "Secret archive" not in page(browser, CLIENTS)
    assert browser.get(f"{CLIENTS}{made.client.pk}/change/").status_code == 404
    assert browser.post(f"{CLIENTS}{made.client.pk}/delete/", {"post": "yes"}).status_code == 404
    form = {"name": "X", "organisation": str(southside.pk), "scopes": "read"}
    assert "Select a valid choice" in browser.post(f"{CLIENTS}add/", form).content.decode()


def test_the_administration_holds_to_the_content_security_policy(browser: Client) -> None:
    for url in ("/admin/", PEOPLE, f"{PEOPLE}add/", CLIENTS):
        html = page(browser, url)
        assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)", html), url
        assert " style=" not in html, url
        assert "<style" not in html, url
