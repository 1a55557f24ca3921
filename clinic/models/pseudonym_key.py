"""The secret from which an organisation's pseudonyms are made."""

import secrets

import pgtrigger
from django.db import models

KEY_BYTES = 32


def new_key() -> bytes:
    """32 random bytes."""
    return secrets.token_bytes(KEY_BYTES)


class PseudonymKey(models.Model):
    """One an organisation, never shown, never changed: the same patient keeps the pseudonym.

    Whoever lacks the key cannot tell whether two organisations speak of the same person.
    """

    organisation = models.OneToOneField(
        "accounts.Organisation",
        on_delete=models.PROTECT,
        primary_key=True,
        related_name="pseudonym_key",
    )
    key = models.BinaryField(default=new_key)

    class Meta:
        triggers = [pgtrigger.Protect(name="pseudonyms_stay_stable", operation=pgtrigger.Update)]

    def __str__(self) -> str:
        return "Pseudonym key"
