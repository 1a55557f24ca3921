"""Registering patients."""

from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction

from accounts.errors import InvalidInput
from accounts.models import Organisation, User
from accounts.services import require_role
from clinic.models import Patient
from clinic.roles import SUBMITTERS
from clinic.services.once import made_before

PATIENT_FIELDS = frozenset(
    {
        "medical_record_number",
        "given_name",
        "family_name",
        "sex",
        "birth_date",
        "approximate_age",
        "fitzpatrick_type",
        "is_synthetic",
    }
)


@transaction.atomic
def register_patient(
    *, organisation: Organisation, actor: User, key: UUID | None = None, **fields: Any
) -> Patient:
    """Open a record. `key` makes a form posted twice register one patient.

    Raises InvalidInput if the medical record number is taken, NotAllowed for other roles.
    """
    require_role(actor, organisation.pk, *SUBMITTERS)
    if key is not None and (patient := made_before(Patient, key, organisation_id=organisation.pk)):
        return patient
    patient = Patient(
        id=key or uuid4(), organisation=organisation, registered_by=actor, **_known(fields)
    )
    return _save(patient, force_insert=True)


@transaction.atomic
def amend_patient(*, patient: Patient, actor: User, **fields: Any) -> Patient:
    """Correct a record; the history keeps what stood there before."""
    require_role(actor, patient.organisation_id, *SUBMITTERS)
    patient = Patient.objects.select_for_update().get(pk=patient.pk)
    for name, value in _known(fields).items():
        setattr(patient, name, value)
    return _save(patient)


def _known(fields: dict[str, Any]) -> dict[str, Any]:
    unknown = set(fields) - PATIENT_FIELDS
    if unknown:
        msg = f"A patient has no {', '.join(sorted(unknown))}."
        raise InvalidInput(msg)
    return fields


def _save(patient: Patient, *, force_insert: bool = False) -> Patient:
    try:
        with transaction.atomic():
            patient.save(force_insert=force_insert)
    except IntegrityError as error:
        if "medical_record_number_unique_in_organisation" in str(error):
            msg = (
                f"The medical record number {patient.medical_record_number} belongs to another "
                "patient of this organisation."
            )
            raise InvalidInput(
                msg, field="medical_record_number", code="record_number_taken"
            ) from error
        raise
    return patient
