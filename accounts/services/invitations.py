"""Inviting people: an account without a password, and a link with which its owner sets one."""

from dataclasses import dataclass

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.core.mail import send_mail
from django.db import transaction
from django.urls import reverse

from accounts.errors import InvalidInput
from accounts.models import Organisation, Role, User
from accounts.services.memberships import grant_role
from accounts.services.permissions import require_role


@dataclass(frozen=True)
class Invitation:
    """`path` is the address at which a new person sets a password; empty for a known person."""

    user: User
    is_new: bool
    path: str


@transaction.atomic
def invite_person(
    *, email: str, full_name: str, organisation: Organisation, role: Role, actor: User
) -> Invitation:
    """Give a person a role, opening an account where the address has none.

    A known person keeps their name and password: whoever invites gets no way into the account.
    Raises NotAllowed unless the actor administers the organisation.
    """
    if not actor.is_superuser:
        require_role(actor, organisation.pk, Role.ADMINISTRATOR)
    known = User.objects.filter(email__iexact=email).first()
    if known is not None:
        if known.memberships.filter(organisation=organisation).exists():
            raise InvalidInput(f"{known} already has a role in {organisation}.", field="email")
        grant_role(user=known, organisation=organisation, role=role)
        return Invitation(known, is_new=False, path="")
    user = User.objects.create_user(email, None, full_name=full_name.strip())
    grant_role(user=user, organisation=organisation, role=role)
    return Invitation(user, is_new=True, path=first_password_path(user))


def first_password_path(user: User) -> str:
    """Where the person sets a password; valid for some days, and once."""
    return reverse(
        "account_reset_password_from_key",
        kwargs={
            "uidb36": user_pk_to_url_str(user),
            "key": default_token_generator.make_token(user),
        },
    )


def send_password_link(*, user: User, base_url: str) -> None:
    """Send the person, and nobody else, a link with which they set a password."""
    send_mail(
        subject="Set your password for Second Look",
        message=(
            f"Hello {user.get_short_name()},\n\n"
            "with this link you set your password for Second Look. It works once, for a few days:\n"
            f"\n{base_url.rstrip('/')}{first_password_path(user)}\n\n"
            "If you did not expect this message, you need not do anything.\n"
        ),
        from_email=None,
        recipient_list=[user.email],
    )
