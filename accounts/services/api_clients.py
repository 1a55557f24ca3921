"""Credentials for integrators."""

from dataclasses import dataclass

from django.db import transaction
from oauth2_provider.generators import generate_client_id, generate_client_secret

from accounts.models import ApiClient, Organisation, Role, User
from accounts.services.memberships import grant_role

# The address domain of the accounts that programs act through; nobody can sign in to one.
SERVICE_ACCOUNTS = "@clients.invalid"


@dataclass(frozen=True)
class NewClient:
    """A client with its secret, which is shown once and stored only as a hash."""

    client: ApiClient
    client_id: str
    client_secret: str


@transaction.atomic
def create_api_client(
    *, organisation: Organisation, name: str, scopes: str = "read write"
) -> NewClient:
    """Make client credentials that act for one organisation through a service account."""
    client_id, secret = generate_client_id(), generate_client_secret()
    account = User.objects.create_user(
        email=f"{client_id.lower()}{SERVICE_ACCOUNTS}", full_name=f"{name} (API client)"
    )
    grant_role(user=account, organisation=organisation, role=Role.CLINICIAN)
    client = ApiClient.objects.create(
        name=name,
        organisation=organisation,
        user=account,
        client_id=client_id,
        client_secret=secret,
        client_type=ApiClient.CLIENT_CONFIDENTIAL,
        authorization_grant_type=ApiClient.GRANT_CLIENT_CREDENTIALS,
        scopes=scopes,
    )
    return NewClient(client=client, client_id=client_id, client_secret=secret)


@transaction.atomic
def revoke_api_client(*, client: ApiClient) -> None:
    """End a client: its tokens stop working, its account stays in the record, without a role."""
    account = client.user
    client.delete()
    if account is not None:
        account.memberships.all().delete()
        account.is_active = False
        account.save(update_fields=["is_active"])
