"""With what a person signs in and proves who they are: their own rows, and nobody else's."""

from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from accounts.models import User


def own_passkeys(user: User | AnonymousUser) -> QuerySet[Authenticator]:
    """The person's passkeys, oldest first."""
    passkeys: QuerySet[Authenticator] = Authenticator.objects.filter(
        type=Authenticator.Type.WEBAUTHN
    )
    if not user.is_authenticated:
        return passkeys.none()
    return passkeys.filter(user=user).order_by("pk")


@dataclass(frozen=True)
class Passkey:
    """A passkey as its owner sees it."""

    row: Authenticator
    name: str


@dataclass(frozen=True)
class SignInMethods:
    """What stands beside the password; `codes_left` is None where there are no codes."""

    passkeys: list[Passkey]
    authenticator_app: Authenticator | None
    codes_left: int | None


def sign_in_methods(user: User) -> SignInMethods:
    """Everything that the account page lists, read in one query."""
    rows = list(Authenticator.objects.filter(user=user).order_by("pk"))
    kinds = Authenticator.Type
    codes = next((row for row in rows if row.type == kinds.RECOVERY_CODES), None)
    return SignInMethods(
        passkeys=[Passkey(row, row.wrap().name) for row in rows if row.type == kinds.WEBAUTHN],
        authenticator_app=next((row for row in rows if row.type == kinds.TOTP), None),
        codes_left=None if codes is None else len(codes.wrap().get_unused_codes()),
    )
