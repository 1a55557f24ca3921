"""A passkey made of software: answers challenges as a device would (WebAuthn Level 3, section 6).

What a device would never send can be asked for as well, so that refusals can be tested.
"""

import hashlib
import json
import secrets
import struct
from typing import Any

from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2 import cbor
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode

from accounts.models import User

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


class SoftwarePasskey:
    """One key pair for one host."""

    def __init__(self, host: str = "testserver") -> None:
        self.host = host
        self.id = secrets.token_bytes(16)
        self._key = ec.generate_private_key(ec.SECP256R1())

    def belongs_to(self, user: User, name: str = "Phone") -> Authenticator:
        """Store the key as the person's, without the ceremony."""
        credential = self.registered("whatever")
        return Authenticator.objects.create(
            user=user,
            type=Authenticator.Type.WEBAUTHN,
            data={"name": name, "credential": credential},
        )

    def registered(self, challenge: str, *, verified: bool = True) -> dict[str, Any]:
        """The answer to creation options."""
        key = cbor.encode(ES256.from_cryptography_key(self._key.public_key()))
        attested = bytes(16) + struct.pack(">H", len(self.id)) + self.id + key
        data = self._data(ATTESTED, verified) + attested
        attestation = cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})
        return self._answer(
            {
                "clientDataJSON": self._client("webauthn.create", challenge, self.origin),
                "attestationObject": websafe_encode(attestation),
                "transports": ["internal"],
            }
        )

    def signed(
        self,
        options: dict[str, Any],
        *,
        user: User | None = None,
        origin: str = "",
        verified: bool = True,
    ) -> dict[str, Any]:
        """The answer to request options; signed with the key, whatever it says."""
        challenge = options["publicKey"]["challenge"]
        client = self._client("webauthn.get", challenge, origin or self.origin)
        data = self._data(0, verified)
        message = data + hashlib.sha256(websafe_decode(client)).digest()
        handle = websafe_encode(user_pk_to_url_str(user).encode()) if user else None
        return self._answer(
            {
                "clientDataJSON": client,
                "authenticatorData": websafe_encode(data),
                "signature": websafe_encode(self._key.sign(message, ec.ECDSA(SHA256()))),
                "userHandle": handle,
            }
        )

    @property
    def origin(self) -> str:
        return f"https://{self.host}"

    def _data(self, flags: int, verified: bool) -> bytes:
        flags |= PRESENT | (VERIFIED if verified else 0)
        return hashlib.sha256(self.host.encode()).digest() + struct.pack(">BI", flags, 0)

    def _client(self, kind: str, challenge: str, origin: str) -> str:
        said = {"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": False}
        return websafe_encode(json.dumps(said).encode())

    def _answer(self, response: dict[str, Any]) -> dict[str, Any]:
        name = websafe_encode(self.id)
        return {
            "id": name,
            "rawId": name,
            "type": "public-key",
            "clientExtensionResults": {"credProps": {"rk": True}},
            "response": response,
        }
