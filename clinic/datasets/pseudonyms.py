"""Names that say nothing of whom they stand for."""

import hmac
from uuid import UUID

HEX_DIGITS = 16
"""64 bits: among ten million patients two share a pseudonym once in 400,000 data sets."""


class Pseudonyms:
    """The pseudonyms of one organisation, by HMAC-SHA-256 with its secret key.

    The same row has the same pseudonym for as long as the key lasts. Without the key nobody can
    tell what a pseudonym stands for, nor whether two organisations speak of the same person.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def organisation(self) -> str:
        """Of the organisation itself."""
        return self._of("O", b"")

    def patient(self, key: UUID) -> str:
        """Of a patient, by primary key."""
        return self._of("P", key.bytes)

    def lesion(self, key: UUID) -> str:
        """Of a lesion."""
        return self._of("L", key.bytes)

    def visit(self, key: UUID) -> str:
        """Of a case."""
        return self._of("V", key.bytes)

    def image(self, key: UUID) -> str:
        """Of an image; files in an export are named after it."""
        return self._of("I", key.bytes)

    def region(self, key: UUID) -> str:
        """Of a region that was drawn on an image."""
        return self._of("A", key.bytes)

    def reader(self, key: UUID) -> str:
        """Of a reader: the same in all exports of the organisation."""
        return self._of("R", key.bytes)

    def _of(self, kind: str, content: bytes) -> str:
        digest = hmac.digest(self._key, kind.encode() + b":" + content, "sha256")
        return f"{kind}-{digest.hex()[:HEX_DIGITS]}"
