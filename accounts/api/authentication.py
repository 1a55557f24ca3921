"""Who asks: a program with a bearer token, or a person in a browser session."""

import hashlib
from typing import Any

from oauth2_provider.models import AccessToken
from oauth2_provider.oauth2_backends import get_oauthlib_core
from oauth2_provider.oauth2_validators import OAuth2Validator
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from accounts.models import ApiClient, User

REALM = "api"


class ClientValidator(OAuth2Validator):
    """Client credentials that cannot exceed what the administrator gave the client."""

    def validate_scopes(
        self, client_id: str, scopes: list[str], client: ApiClient, request: Any, **kw: Any
    ) -> bool:
        """Refuse a scope beyond the client's own."""
        allowed = set(client.scopes.split())
        return set(scopes) <= allowed and super().validate_scopes(
            client_id, scopes, client, request, **kw
        )

    def get_default_scopes(self, client_id: str, request: Any, **kw: Any) -> list[str]:
        """Where none is asked for: the installation's default, as far as the client has it."""
        mine = request.client.scopes.split()
        default = super().get_default_scopes(client_id, request, **kw)
        return [scope for scope in default if scope in mine] or mine

    def _load_application(self, client_id: str | None, request: Any) -> ApiClient | None:
        # No client is called that, and PostgreSQL cannot be asked for it.
        if client_id is None or "\x00" in client_id:
            return None
        return super()._load_application(client_id, request)

    def _load_access_token(self, token: str) -> AccessToken | None:
        # One query for everything that a request with a token needs to know about its sender.
        return (
            AccessToken.objects.select_related("application__user", "application__organisation")
            .filter(token_checksum=_checksum(token))
            .first()
        )


def _checksum(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


class ClientAuthentication(BaseAuthentication):
    """`Authorization: Bearer …`: acts as the client's service account.

    A token that is wrong, expired or whose client, account or organisation was deactivated is
    refused even where a session would have let the request in. The body is not read.
    """

    def authenticate(self, request: Request) -> tuple[User, AccessToken] | None:
        """The service account and the token, or None without a bearer token."""
        header = request.META.get("HTTP_AUTHORIZATION", "")
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer":
            return None
        valid, grant = get_oauthlib_core().server.verify_request(
            request.path, request.method, None, {"Authorization": f"Bearer {token.strip()}"}, []
        )
        if not valid:
            raise AuthenticationFailed(
                "The access token is not valid or has expired: ask /oauth/token/ for a new one.",
                code="invalid_token",
            )
        return self._account(grant.access_token.application), grant.access_token

    def _account(self, client: ApiClient) -> User:
        """The service account, provided that it reaches its own organisation and no other."""
        account: User = client.user
        elsewhere = any(
            membership.organisation_id != client.organisation_id
            for membership in account.current_memberships
        )
        if elsewhere or account.is_superuser or not account.current_memberships:
            raise AuthenticationFailed(
                "This API client's account does not belong to its organisation alone: "
                "ask an administrator to mend it.",
                code="invalid_token",
            )
        return account

    def authenticate_header(self, request: Request) -> str:
        """The challenge of RFC 6750; it names the error only where a token was sent."""
        challenge = f'Bearer realm="{REALM}"'
        if request.META.get("HTTP_AUTHORIZATION", "").lower().startswith("bearer"):
            challenge += ', error="invalid_token"'
        return challenge


class PersonAuthentication(SessionAuthentication):
    """A person signed in to the screens; every unsafe request needs the CSRF token."""

    def enforce_csrf(self, request: Request) -> None:
        """Refuse with the product's own sentence."""
        try:
            super().enforce_csrf(request)
        except PermissionDenied as denied:
            raise PermissionDenied(
                "The CSRF token is missing or wrong: send the csrftoken cookie's value as the "
                "X-CSRFToken header.",
                code="csrf_failed",
            ) from denied
