"""The proof of identity that a signature asks for, and how long the session remembers it.

Signing in does not count: the first signature of a session always asks. A proof belongs to the
person who gave it, lasts a fixed time from that moment, and ends with the session, with the
password and with the passkey that it was given with.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.errors import NotAllowed
from accounts.models import User
from accounts.selectors.passkeys import own_passkeys

SESSION_KEY = "signing_proof"
# Where every signature asks anew, this is the time between the proof and its one signature.
ONE_SIGNATURE_SECONDS = 120


class ProofMethod(StrEnum):
    """With what a person proved who they are."""

    PASSWORD = "password"  # noqa: S105
    PASSKEY = "passkey"


@dataclass(frozen=True)
class SigningProof:
    """What is stored with a signature: the method, and when the person proved (aware, UTC)."""

    method: ProofMethod
    at: datetime

    @property
    def until(self) -> datetime:
        """When the proof ends."""
        return self.at + timedelta(seconds=settings.SIGNING_PROOF_SECONDS or ONE_SIGNATURE_SECONDS)


class SigningProofRequired(NotAllowed):
    """Nobody has proved yet, or no longer, that it is the person who signs."""

    code = "signing_proof_required"

    def __init__(self) -> None:
        super().__init__("Confirm with your password or a passkey that it is you who signs.")


def current_signing_proof(*, request: HttpRequest) -> SigningProof | None:
    """The proof that counts now, if there is one. Reads the passkey's row only for a passkey."""
    kept = request.session.get(SESSION_KEY)
    user = request.user
    if not isinstance(kept, dict) or not isinstance(user, User):
        return None
    proof = SigningProof(ProofMethod(kept["method"]), datetime.fromisoformat(kept["at"]))
    if kept["person"] != str(user.pk) or timezone.now() >= proof.until:
        return None
    # The hash follows the password: changing it here or anywhere else ends the proof.
    if not constant_time_compare(kept["hash"], user.get_session_auth_hash()):
        return None
    if proof.method == ProofMethod.PASSKEY and not _has_passkey(user, kept):
        return None
    return proof


def has_signing_proof(*, request: HttpRequest) -> bool:
    """Whether the person may sign without being asked."""
    return current_signing_proof(request=request) is not None


def require_signing_proof(*, request: HttpRequest) -> SigningProof:
    """Return the proof that the signature is stored with. Raises SigningProofRequired."""
    proof = current_signing_proof(request=request)
    if proof is None:
        raise SigningProofRequired
    return proof


def spend_signing_proof(*, request: HttpRequest) -> None:
    """Call it after a signature: the proof ends with it where every signature asks anew."""
    if not settings.SIGNING_PROOF_SECONDS:
        forget_signing_proof(request=request)


def forget_signing_proof(*, request: HttpRequest) -> None:
    """Ask again at the next signature."""
    request.session.pop(SESSION_KEY, None)


def remember_signing_proof(
    *, request: HttpRequest, user: User, proof: SigningProof, passkey: int | None = None
) -> None:
    """Keep a proof in the session. Only the two ways of proving call it."""
    kept: dict[str, Any] = {
        "person": str(user.pk),
        "method": proof.method.value,
        "at": proof.at.isoformat(),
        "hash": user.get_session_auth_hash(),
    }
    if passkey is not None:
        kept["passkey"] = passkey
    request.session[SESSION_KEY] = kept


def _has_passkey(user: User, kept: dict[str, Any]) -> bool:
    """A passkey that was removed proves nothing more."""
    return own_passkeys(user).filter(pk=kept.get("passkey")).exists()
