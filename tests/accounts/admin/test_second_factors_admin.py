"""Who has lost every second factor is helped by the operator, and by nobody else."""

from allauth.mfa.models import Authenticator
from django.urls import reverse

from accounts.models import User
from tests.accounts.software_passkey import SoftwarePasskey
from tests.cast import signed_in

LIST = "admin:mfa_authenticator_changelist"


def test_the_operator_removes_a_lost_passkey_and_sees_nothing_of_what_is_in_it(dana: User) -> None:
    operator = signed_in(User.objects.create_superuser("op@example.com", full_name="Oda Op"))
    key = SoftwarePasskey().belongs_to(dana)
    page = operator.get(reverse("admin:mfa_authenticator_change", args=[key.pk]))
    assert "Dana Demir" in page.content.decode()
    assert "attestationObject" not in page.content.decode()
    operator.post(reverse("admin:mfa_authenticator_delete", args=[key.pk]), {"post": "yes"})
    assert not Authenticator.objects.exists()


def test_an_administrator_of_one_organisation_does_not(ada: User, dana: User) -> None:
    key = SoftwarePasskey().belongs_to(dana)
    client = signed_in(ada)
    assert client.get(reverse(LIST)).status_code == 403
    delete = reverse("admin:mfa_authenticator_delete", args=[key.pk])
    assert client.post(delete, {"post": "yes"}).status_code in {403, 404}
    assert Authenticator.objects.exists()


def test_nobody_makes_one_for_somebody_else(db: None) -> None:
    operator = signed_in(User.objects.create_superuser("op@example.com", full_name="Oda Op"))
    assert operator.get(reverse("admin:mfa_authenticator_add")).status_code == 403
