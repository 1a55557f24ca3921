"""What one part of the clinic does when another announces something."""

from typing import Any

from django.dispatch import receiver

from clinic.models import Patient
from clinic.services.dataset_exports import block_exports_of
from clinic.signals import consent_withdrawn


@receiver(consent_withdrawn, dispatch_uid="block_exports_of_withdrawn_rows")
def take_back_exports(sender: type[Patient], rows: list[int], **_: Any) -> None:
    """In the transaction that writes the tombstones: there is no moment in between."""
    block_exports_of(rows=rows)
