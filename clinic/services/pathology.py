"""Pathology results: their own record, never a change to a read."""

from datetime import date

from django.db import transaction

from accounts.errors import InvalidInput
from accounts.models import User
from accounts.services import require_role
from clinic.models import ConfirmationMethod, Diagnosis, Lesion, PathologyResult
from clinic.roles import SUBMITTERS


@transaction.atomic
def record_pathology(
    *,
    lesion: Lesion,
    diagnosis: Diagnosis,
    method: str,
    actor: User,
    reported_on: date | None = None,
    report: str = "",
) -> PathologyResult:
    """Add what a lesion turned out to be."""
    require_role(actor, lesion.patient.organisation_id, *SUBMITTERS)
    if method not in ConfirmationMethod.values:
        raise InvalidInput("Say how the diagnosis was confirmed.", field="method")
    return PathologyResult.objects.create(
        lesion=lesion,
        diagnosis=diagnosis,
        method=method,
        reported_on=reported_on,
        report=report.strip(),
        recorded_by=actor,
    )
