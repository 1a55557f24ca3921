"""How django-allauth's second factors behave here: names, the asking party, secrets at rest."""

import base64
from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from accounts.selectors.passkeys import own_passkeys


class SecondFactorAdapter(DefaultMFAAdapter):
    """Passkeys, authenticator apps and recovery codes."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "That was not accepted. Try again.",
        "cannot_generate_recovery_codes": "Add a passkey or an authenticator app first.",
    }

    def generate_authenticator_name(self, user: Any, type: Any) -> str:  # noqa: A002
        """Suggest what the next passkey is called."""
        count = own_passkeys(user).count() if type == Authenticator.Type.WEBAUTHN else 0
        return f"Passkey {count + 1}" if count else "Passkey"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Ask in the product's name. The id is the host of this request (allowed hosts only)."""
        return super().get_public_key_credential_rp_entity() | {"name": "Second Look"}

    def encrypt(self, text: str) -> str:
        """Whoever reads the database alone cannot make a person's codes."""
        return _vault().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Raises InvalidToken for a secret key that is neither in force nor a fallback."""
        return _vault().decrypt(encrypted_text.encode()).decode()


def _vault() -> MultiFernet:
    """The newest secret key encrypts; those before it still decrypt."""
    return MultiFernet(
        [Fernet(_derived(key)) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    )


def _derived(secret_key: str) -> bytes:
    derivation = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"second factor secrets")
    return base64.urlsafe_b64encode(derivation.derive(secret_key.encode()))
