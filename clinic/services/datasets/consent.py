"""What a patient allows beside the own care, and what follows when it is taken back."""

from datetime import date

from django.db import transaction
from django.utils import timezone

from accounts.errors import InvalidInput
from accounts.models import User
from accounts.services import require_role
from clinic.datasets.description import ConsentScope
from clinic.models import DatasetRow, DatasetTombstone, Patient, ResearchConsent
from clinic.roles import SUBMITTERS
from clinic.services.datasets.turns import wait_for_turn
from clinic.signals import consent_withdrawn

ROWS_AT_ONCE = 2000


@transaction.atomic
def record_research_consent(
    *, patient: Patient, consent: str, on: date | None = None, actor: User
) -> Patient:
    """Record what the patient said, and when (today, where no day is given).

    Where less is allowed than before, every frozen row that is no longer covered gets a tombstone,
    and no later export holds it. Raises InvalidInput for a consent that does not exist, a day in
    the future, or going back to "not asked"; NotAllowed for people who do not register patients.
    """
    require_role(actor, patient.organisation_id, *SUBMITTERS)
    wait_for_turn()
    patient = Patient.objects.select_for_update().get(pk=patient.pk)
    today = timezone.localdate()
    day = on or today
    if consent not in ResearchConsent.values:
        raise InvalidInput(f"“{consent}” is no consent.", field="research_consent")
    if consent == ResearchConsent.NOT_ASKED != patient.research_consent:
        msg = "The patient has been asked already; record what was answered."
        raise InvalidInput(msg, field="research_consent")
    if day > today:
        raise InvalidInput("The day of the consent is in the future.", field="research_consent_on")
    if consent == patient.research_consent and (on is None or day == patient.research_consent_on):
        return patient
    patient.research_consent = consent
    patient.research_consent_on = None if consent == ResearchConsent.NOT_ASKED else day
    patient.save(update_fields=["research_consent", "research_consent_on", "updated_at"])
    _bury(patient, today)
    return patient


def _bury(patient: Patient, today: date) -> None:
    """Put a tombstone over each row that the consent no longer covers."""
    rows = DatasetRow.objects.filter(source__case__patient=patient, tombstone__isnull=True)
    if patient.research_consent == ResearchConsent.SHARING:
        return
    if patient.research_consent == ResearchConsent.TRAINING:
        rows = rows.filter(version__header__description__consent=ConsentScope.SHARING)
    keys = list(rows.values_list("pk", flat=True))
    DatasetTombstone.objects.bulk_create(
        [DatasetTombstone(row_id=key, withdrawn_on=today) for key in keys],
        batch_size=ROWS_AT_ONCE,
        ignore_conflicts=True,
    )
    if keys:
        consent_withdrawn.send(sender=Patient, rows=keys)
