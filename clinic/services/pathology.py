"""Pathology results: their own record, never a change to a read."""

from datetime import date
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from accounts.errors import InvalidInput
from accounts.models import User
from accounts.services import require_role
from clinic.models import ConfirmationMethod, Diagnosis, Lesion, PathologyResult
from clinic.roles import SUBMITTERS
from clinic.services.once import made_before

LONGEST_REPORT = 20_000


@transaction.atomic
def record_pathology(
    *,
    lesion: Lesion,
    diagnosis: Diagnosis,
    method: str,
    actor: User,
    reported_on: date | None = None,
    report: str = "",
    key: UUID | None = None,
) -> PathologyResult:
    """Add what a lesion turned out to be. `key` makes a form posted twice record one result.

    Raises InvalidInput for what cannot be: an unknown method, a day that has not come yet, a report
    of more than 20,000 characters.
    """
    require_role(actor, lesion.patient.organisation_id, *SUBMITTERS)
    if key is not None and (made := made_before(PathologyResult, key, lesion_id=lesion.pk)):
        return made
    if not diagnosis.is_selectable:
        raise InvalidInput("Choose a diagnosis from the list.", field="diagnosis")
    if method not in ConfirmationMethod.values:
        raise InvalidInput("Say how the diagnosis was confirmed.", field="method")
    if reported_on is not None and reported_on > timezone.localdate():
        raise InvalidInput("This day has not come yet.", field="reported_on")
    if len(report) > LONGEST_REPORT:
        msg = f"Keep the report under {LONGEST_REPORT:,} characters."
        raise InvalidInput(msg, field="report")
    return PathologyResult.objects.create(
        id=key or uuid4(),
        lesion=lesion,
        diagnosis=diagnosis,
        method=method,
        reported_on=reported_on,
        report=report.strip(),
        recorded_by=actor,
    )
