"""The rows around imported images: one patient, lesion, case and pathology result per lesion."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone

from accounts.models import Organisation, User
from clinic.isic import IsicRow
from clinic.models import (
    OPEN_STATES,
    Case,
    CaseState,
    Lesion,
    LesionImage,
    PathologyResult,
    Patient,
    ResearchConsent,
)
from clinic.selectors import selectable_diagnoses
from clinic.services.cases import next_case_number


@dataclass
class ImportBatch:
    """Lesions and cases by the data set's lesion identifier, and the pictures already in them."""

    lesions: dict[str, Lesion]
    cases: dict[str, Case]
    digests: dict[tuple[UUID, str], str]
    new_patients: int


def new_rows_for(
    organisation: Organisation,
    importer: User,
    rows: Sequence[IsicRow],
    *,
    closed: bool,
    consent: str,
    results: Collection[str],
) -> ImportBatch:
    """Find or create everything that these rows' images hang on, in a few bulk statements."""
    first = {row.lesion_id: row for row in reversed(rows)}
    patients, new_patients = _patients(organisation, importer, first, consent)
    lesions = _lesions(patients, first)
    _pathology(lesions, {key: row for key, row in first.items() if row.method in results})
    cases = _cases(organisation, importer, lesions, closed=closed)
    digests = {
        (case_id, sha256): reference
        for case_id, sha256, reference in LesionImage.objects.filter(
            case__in=[case.pk for case in cases.values()]
        ).values_list("case_id", "sha256", "source_reference")
    }
    return ImportBatch(lesions, cases, digests, new_patients)


def _patients(
    organisation: Organisation, importer: User, first: dict[str, IsicRow], consent: str
) -> tuple[dict[str, Patient], int]:
    found = {
        patient.medical_record_number: patient
        for patient in Patient.objects.filter(
            organisation=organisation, medical_record_number__in=first
        )
    }
    new = [
        Patient(
            organisation=organisation,
            medical_record_number=lesion_id,
            family_name=lesion_id,
            sex=row.sex,
            approximate_age=row.age,
            research_consent=consent,
            research_consent_on=(
                None if consent == ResearchConsent.NOT_ASKED else timezone.localdate()
            ),
            registered_by=importer,
        )
        for lesion_id, row in first.items()
        if lesion_id not in found
    ]
    Patient.objects.bulk_create(new)
    return found | {patient.medical_record_number: patient for patient in new}, len(new)


def _lesions(patients: dict[str, Patient], first: dict[str, IsicRow]) -> dict[str, Lesion]:
    found = {
        lesion.source_reference: lesion
        for lesion in Lesion.objects.filter(
            patient__in=[patient.pk for patient in patients.values()], source_reference__in=first
        )
    }
    new = [
        Lesion(
            patient=patients[lesion_id],
            number=1,
            body_site=row.body_site,
            source_reference=lesion_id,
        )
        for lesion_id, row in first.items()
        if lesion_id not in found
    ]
    Lesion.objects.bulk_create(new)
    return found | {lesion.source_reference: lesion for lesion in new}


def _pathology(lesions: dict[str, Lesion], first: dict[str, IsicRow]) -> None:
    diagnoses = {d.ham10000: d for d in selectable_diagnoses().exclude(ham10000="")}
    # The constraint `imported_result_once_per_lesion` makes a second run change nothing.
    PathologyResult.objects.bulk_create(
        [
            PathologyResult(
                lesion=lesion,
                diagnosis=diagnoses[first[lesion_id].dx],
                method=first[lesion_id].method,
                source_reference=lesion_id,
            )
            for lesion_id, lesion in lesions.items()
            if lesion_id in first
        ],
        ignore_conflicts=True,
    )


def _cases(
    organisation: Organisation, importer: User, lesions: dict[str, Lesion], *, closed: bool
) -> dict[str, Case]:
    """An open case of an earlier run goes on; a final one is never changed."""
    patient_of = {lesion.patient_id: lesion_id for lesion_id, lesion in lesions.items()}
    found = {
        patient_of[case.patient_id]: case
        for case in Case.objects.filter(
            patient__in=patient_of,
            submitter=importer,
            state__in=OPEN_STATES,
        )
    }
    missing = [lesion_id for lesion_id in lesions if lesion_id not in found]
    if not missing:
        return found
    now = timezone.now()
    number = next_case_number(organisation.pk, count=len(missing))
    new = [
        Case(
            organisation=organisation,
            patient_id=lesions[lesion_id].patient_id,
            number=number + offset,
            clinical_question="Imported from a research data set.",
            state=CaseState.FINAL if closed else CaseState.SUBMITTED,
            submitted_at=now,
            finalised_at=now if closed else None,
            submitter=importer,
        )
        for offset, lesion_id in enumerate(missing)
    ]
    Case.objects.bulk_create(new)
    return found | dict(zip(missing, new, strict=True))
