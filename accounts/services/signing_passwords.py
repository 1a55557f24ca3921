"""Proving with the password: five wrong ones in five minutes, counted per person."""

import logging

from django.core.cache import cache
from django.http import HttpRequest
from django.utils import timezone

from accounts.errors import InvalidInput, NotAllowed
from accounts.models import User
from accounts.services.signing import ProofMethod, SigningProof, remember_signing_proof

WRONG_TRIES = 5
WINDOW_SECONDS = 5 * 60

logger = logging.getLogger(__name__)


class WrongPassword(InvalidInput):
    """The password is not this person's."""

    code = "wrong_password"

    def __init__(self, sentence: str = "This is not your password. Try again.") -> None:
        super().__init__(sentence, field="password")


class TooManyTries(NotAllowed):
    """Somebody is guessing."""

    code = "too_many_tries"
    status = 429

    def __init__(self) -> None:
        super().__init__(
            "Too many wrong passwords. Wait five minutes, then try again, or use a passkey."
        )


def check_signing_password(*, user: User, password: str) -> SigningProof:
    """Check a password that comes with the signature itself (the API's way); nothing is kept.

    Raises WrongPassword (400) and TooManyTries (429).
    """
    if not user.has_usable_password():
        raise WrongPassword("Your account has no password. Sign with a passkey, or set a password.")
    # Counted before it is checked, and taken back when right: many at once get no extra tries.
    counted = f"signing-password:{user.pk}"
    cache.add(counted, 0, WINDOW_SECONDS)
    if _count(counted, 1) > WRONG_TRIES:
        logger.warning("A signature by %s was refused: too many wrong passwords.", user.pk)
        raise TooManyTries
    if not password or not user.is_active or not user.check_password(password):
        logger.warning("A signature by %s was refused: wrong password.", user.pk)
        raise WrongPassword
    _count(counted, -1)
    return SigningProof(ProofMethod.PASSWORD, timezone.now())


def prove_with_password(*, request: HttpRequest, password: str) -> SigningProof:
    """Check the password of the person who is signed in, and remember that it was right.

    Raises WrongPassword (400) and TooManyTries (429).
    """
    user = request.user
    if not isinstance(user, User):
        raise NotAllowed("Sign in first.")
    proof = check_signing_password(user=user, password=password)
    remember_signing_proof(request=request, user=user, proof=proof)
    logger.info("%s proved with a password that it is they who sign.", user.pk)
    return proof


def _count(key: str, by: int) -> int:
    try:
        return int(cache.incr(key, by))
    except ValueError:  # the window ended between two calls
        cache.add(key, max(by, 0), WINDOW_SECONDS)
        return max(by, 0)
