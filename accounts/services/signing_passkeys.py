"""Proving with a passkey: a challenge of this session, answered by a key of this person.

Web Authentication Level 3 (W3C), section 7.2. The passkey's own check of the person (PIN, finger,
face) is required, so that holding the device is not enough.
"""

import logging
from datetime import datetime, timedelta
from typing import Any, cast

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.http import HttpRequest
from django.utils import timezone
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    PublicKeyCredentialRpEntity,
    UserVerificationRequirement,
)

from accounts.errors import InvalidInput, NotAllowed
from accounts.models import User
from accounts.passkey_answers import MALFORMED, is_passkey_answer
from accounts.selectors.passkeys import own_passkeys
from accounts.services.signing import ProofMethod, SigningProof, remember_signing_proof

# A key of its own: an answer to a sign-in's challenge is no answer to a signature's.
SESSION_KEY = "signing_challenge"
CHALLENGE_LIVES = timedelta(minutes=5)

logger = logging.getLogger(__name__)


class PasskeyRefused(InvalidInput):
    """The answer does not prove anything."""

    code = "passkey_refused"

    def __init__(
        self, sentence: str = "The passkey was not accepted. Try again, or use your password."
    ) -> None:
        super().__init__(sentence)


def start_passkey_proof(*, request: HttpRequest) -> dict[str, Any]:
    """Make a challenge; the options are for the browser's `navigator.credentials.get`.

    Raises PasskeyRefused where the person has no passkey.
    """
    user = _person(request)
    keys = _credentials(user)
    if not keys:
        raise PasskeyRefused("You have no passkey yet. Use your password.")
    options, state = _server().authenticate_begin(
        credentials=list(keys.values()), user_verification=UserVerificationRequirement.REQUIRED
    )
    request.session[SESSION_KEY] = {
        "person": str(user.pk),
        "at": timezone.now().isoformat(),
        "state": state,
    }
    return dict(options)


def prove_with_passkey(*, request: HttpRequest, credential: object) -> SigningProof:
    """Check the browser's answer to this session's challenge, which counts once.

    Raises PasskeyRefused, whatever was wrong with it.
    """
    user = _person(request)
    pending = request.session.pop(SESSION_KEY, None)
    if pending is None or pending["person"] != str(user.pk) or not is_passkey_answer(credential):
        raise PasskeyRefused
    if timezone.now() - datetime.fromisoformat(pending["at"]) > CHALLENGE_LIVES:
        raise PasskeyRefused("That took too long. Try again, or use your password.")
    keys, answer = _credentials(user), cast("dict[str, Any]", credential)
    try:
        used = _server().authenticate_complete(pending["state"], list(keys.values()), answer)
    except MALFORMED as error:
        logger.warning("A signature by %s was refused: passkey: %s", user.pk, error)
        raise PasskeyRefused from error
    passkey = next(row for row, key in keys.items() if key.credential_id == used.credential_id)
    passkey.record_usage()
    proof = SigningProof(ProofMethod.PASSKEY, timezone.now())
    remember_signing_proof(request=request, user=user, proof=proof, passkey=passkey.pk)
    logger.info("%s proved with passkey %s that it is they who sign.", user.pk, passkey.pk)
    return proof


def _person(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise NotAllowed("Sign in first.")
    return request.user


def _server() -> Fido2Server:
    """The party that asks: this host. The browser's origin has to be it, over https."""
    return Fido2Server(
        PublicKeyCredentialRpEntity(**get_adapter().get_public_key_credential_rp_entity())
    )


def _credentials(user: User) -> dict[Authenticator, AttestedCredentialData]:
    found = {row: row.wrap().authenticator_data.credential_data for row in own_passkeys(user)}
    return {row: key for row, key in found.items() if key is not None}
