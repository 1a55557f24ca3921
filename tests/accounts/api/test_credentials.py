"""Tokens and sessions: who gets in, with what scope, and until when."""

import base64
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from oauth2_provider.models import AccessToken

from accounts.models import ApiClient, Organisation, Role, User
from accounts.services import create_api_client, end_membership, grant_role
from accounts.tasks import forget_expired_tokens_task
from clinic.models import Patient
from tests.api.senders import Sender, person, program
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db

PATIENT = {"medical_record_number": "4711", "family_name": "Okafor"}


def ask(organisation: Organisation, *, scopes: str = "read write", **fields: str):  # type: ignore[no-untyped-def]
    """Ask the token address as a client with these scopes."""
    made = create_api_client(organisation=organisation, name="Records system", scopes=scopes)
    credentials = {"client_id": made.client_id, "client_secret": made.client_secret}
    return Client().post(
        "/oauth/token/", {"grant_type": "client_credentials"} | credentials | fields
    )


class TestTokens:
    def test_a_token_says_its_scope_and_how_long_it_lives(self, northside: Organisation) -> None:
        answer = ask(northside, scope="read write")
        assert answer.status_code == 200
        body = answer.json()
        assert (body["token_type"], body["expires_in"]) == ("Bearer", 3600)
        assert body["scope"] == "read write"
        assert "refresh_token" not in body
        assert answer["Cache-Control"] == "no-store"

    def test_credentials_may_come_in_the_authorization_header(
        self, northside: Organisation
    ) -> None:
        made = create_api_client(organisation=northside, name="Records system")
        pair = base64.b64encode(f"{made.client_id}:{made.client_secret}".encode()).decode()
        answer = Client().post(
            "/oauth/token/",
            {"grant_type": "client_credentials"},
            headers={"Authorization": f"Basic {pair}"},
        )
        assert answer.status_code == 200

    @pytest.mark.parametrize(
        ("scopes", "asked", "status", "given"),
        [
            ("read write", "write", 200, "write"),
            ("read write", "", 200, "read"),
            ("read", "", 200, "read"),
            ("write", "", 200, "write"),
            ("read", "read write", 400, None),
            ("read", "write", 400, None),
            ("read write", "admin", 400, None),
        ],
    )
    def test_no_client_gets_a_scope_beyond_its_own(
        self, northside: Organisation, scopes: str, asked: str, status: int, given: str | None
    ) -> None:
        fields = {"scope": asked} if asked else {}
        answer = ask(northside, scopes=scopes, **fields)
        assert answer.status_code == status
        assert answer.json().get("scope") == given
        if status == 400:
            assert answer.json()["error"] == "invalid_scope"
            assert not AccessToken.objects.exists()

    def test_a_wrong_secret_gets_none(self, northside: Organisation) -> None:
        answer = ask(northside, client_secret="guess")
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")

    @pytest.mark.parametrize("name", ["", "a", "\x00", "a\x00b", "é", "x" * 5000])
    def test_a_client_that_there_is_not_gets_none(self, db: None, name: str) -> None:
        body = {"grant_type": "client_credentials", "client_id": name, "client_secret": name}
        pair = base64.b64encode(f"{name}:{name}".encode()).decode()
        for fields, headers in (
            (body, {}),
            ({"grant_type": "client_credentials"}, {"Authorization": f"Basic {pair}"}),
        ):
            answer = Client().post("/oauth/token/", fields, headers=headers)
            assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
        revoked = Client().post("/oauth/revoke_token/", body | {"token": name})
        assert revoked.status_code in {400, 401}

    @pytest.mark.parametrize(
        "grant", ["password", "authorization_code", "refresh_token", "", "\x00"]
    )
    def test_other_grants_are_not_given(self, northside: Organisation, grant: str) -> None:
        answer = ask(northside, grant_type=grant, username="a", password="b", code="c")
        assert answer.status_code in {400, 401}
        assert not AccessToken.objects.exists()

    def test_a_token_is_stored_only_as_a_digest(self, records_system: Sender) -> None:
        token = records_system.headers["Authorization"].removeprefix("Bearer ")
        row = AccessToken.objects.values().get()
        assert token not in str(row)

    def test_expired_tokens_are_forgotten(self, records_system: Sender, dashboard: Sender) -> None:
        first = AccessToken.objects.earliest("id")
        AccessToken.objects.filter(pk=first.pk).update(expires=timezone.now() - timedelta(days=1))
        forget_expired_tokens_task()
        assert AccessToken.objects.count() == 1
        assert dashboard.get("/patients/").status_code == 200

    def test_a_token_ends_with_its_time(self, records_system: Sender) -> None:
        assert records_system.get("/patients/").status_code == 200
        AccessToken.objects.update(expires=timezone.now() - timedelta(seconds=1))
        answer = records_system.get("/patients/")
        assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")
        assert answer["WWW-Authenticate"] == 'Bearer realm="api", error="invalid_token"'

    def test_a_token_can_be_revoked(self, northside: Organisation) -> None:
        made = create_api_client(organisation=northside, name="Records system")
        credentials = {"client_id": made.client_id, "client_secret": made.client_secret}
        token = (
            Client()
            .post("/oauth/token/", {"grant_type": "client_credentials"} | credentials)
            .json()["access_token"]
        )
        sender = Sender(headers={"Authorization": f"Bearer {token}"})
        assert sender.get("/patients/").status_code == 200
        assert (
            Client().post("/oauth/revoke_token/", {"token": token} | credentials).status_code == 200
        )
        assert sender.get("/patients/").status_code == 401


class TestDeactivation:
    """A token dies at once with what stands behind it, and no new one is given."""

    def _refused(self, sender: Sender) -> None:
        answer = sender.get("/patients/")
        assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")

    def test_of_the_account(self, records_system: Sender) -> None:
        User.objects.update(is_active=False)
        self._refused(records_system)

    def test_of_the_organisation(self, records_system: Sender, northside: Organisation) -> None:
        Organisation.objects.update(is_active=False)
        self._refused(records_system)
        northside.refresh_from_db()
        answer = ask(northside)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")

    def test_of_the_client(self, records_system: Sender) -> None:
        ApiClient.objects.all().delete()
        self._refused(records_system)

    def test_of_the_accounts_role(self, records_system: Sender) -> None:
        end_membership(membership=ApiClient.objects.get().user.memberships.get())
        self._refused(records_system)

    def test_an_account_with_a_role_elsewhere_is_not_the_clients_alone(
        self, records_system: Sender, southside: Organisation
    ) -> None:
        grant_role(user=ApiClient.objects.get().user, organisation=southside, role=Role.CLINICIAN)
        self._refused(records_system)

    def test_scopes_that_were_cut_back_end_at_once(self, records_system: Sender) -> None:
        ApiClient.objects.update(scopes="read")
        assert records_system.get("/patients/").status_code == 200
        answer = records_system.post("/patients/", PATIENT)
        assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope")


class TestScopes:
    def test_reading_does_not_include_writing(self, dashboard: Sender) -> None:
        answer = dashboard.post("/patients/", PATIENT)
        assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope")
        assert answer["WWW-Authenticate"] == (
            'Bearer realm="api", error="insufficient_scope", scope="write"'
        )
        assert not Patient.objects.exists()

    def test_writing_does_not_include_reading(self, northside: Organisation) -> None:
        drop_box = program(northside, scopes="write")
        assert drop_box.post("/patients/", PATIENT).status_code == 201
        assert drop_box.get("/patients/").status_code == 403


class TestHeaders:
    @pytest.mark.parametrize(
        "header", ["Bearer nonsense", "Bearer ", "bearer x y", "Bearer \x00", "Bearer é"]
    )
    def test_a_wrong_token_is_refused_even_beside_a_good_session(
        self, alice: User, header: str
    ) -> None:
        sender = person(alice)
        assert sender.get("/patients/").status_code == 200
        sender.headers["Authorization"] = header
        assert sender.get("/patients/").status_code == 401

    @pytest.mark.parametrize("header", ["Basic YTpi", "Token abc", "garbage", ""])
    def test_other_schemes_are_no_credentials(self, nobody: Sender, header: str) -> None:
        nobody.headers["Authorization"] = header
        answer = nobody.get("/patients/")
        assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")

    def test_a_token_in_the_address_is_no_credential(self, records_system: Sender) -> None:
        token = records_system.headers["Authorization"].removeprefix("Bearer ")
        assert Sender().get("/patients/", access_token=token).status_code == 401


class TestSessions:
    def _checking(self, user: User) -> Client:
        browser = Client(enforce_csrf_checks=True)
        assert browser.login(email=user.email, password=PASSWORD)
        return browser

    def test_a_person_reads_with_a_session(self, alice: User) -> None:
        assert self._checking(alice).get("/api/v1/patients/").status_code == 200

    def test_a_person_writes_only_with_the_csrf_token(self, alice: User) -> None:
        browser = self._checking(alice)
        body = {"data": PATIENT, "content_type": "application/json"}
        refused = browser.post("/api/v1/patients/", **body)
        assert (refused.status_code, refused.json()["code"]) == (403, "csrf_failed")
        assert not Patient.objects.exists()
        browser.get("/account/password/change/")
        token = browser.cookies["csrftoken"].value
        accepted = browser.post("/api/v1/patients/", **body, headers={"X-CSRFToken": token})
        assert accepted.status_code == 201

    def test_a_program_needs_no_csrf_token(self, records_system: Sender) -> None:
        records_system.browser = Client(enforce_csrf_checks=True)
        assert records_system.post("/patients/", PATIENT).status_code == 201

    def test_a_person_who_was_deactivated_is_out(self, alice: User) -> None:
        sender = person(alice)
        User.objects.filter(pk=alice.pk).update(is_active=False)
        assert sender.get("/patients/").status_code == 401

    def test_a_person_of_two_organisations_says_which(
        self, alice: User, northside: Organisation, southside: Organisation
    ) -> None:
        grant_role(user=alice, organisation=southside, role=Role.CLINICIAN)
        unclear = person(alice).post("/patients/", PATIENT)
        assert unclear.status_code == 400
        assert unclear.json()["errors"][0]["pointer"] == "#/organisation"
        clear = person(alice).post("/patients/", PATIENT | {"organisation": str(southside.pk)})
        assert clear.json()["organisation"] == str(southside.pk)


def test_the_history_knows_which_account_wrote(records_system: Sender) -> None:
    records_system.post("/patients/", PATIENT)
    event = Patient.pgh_event_model.objects.select_related("pgh_context").get()
    assert event.pgh_context.metadata["user"] == str(ApiClient.objects.get().user_id)
    assert event.pgh_context.metadata["url"] == "/api/v1/patients/"
