"""Many signed readings of closed cases, written in bulk; also a record for looking at a page."""

import random
import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from clinic.models import Case, Diagnosis, Lesion, PathologyResult, Patient, Read, Reading

if TYPE_CHECKING:
    from accounts.models import Organisation, User

AT_ONCE = 2_000
SHARES = {
    "nevus": 0.5, "melanoma": 0.12, "basal-cell-carcinoma": 0.1, "benign-keratosis": 0.14,
    "actinic-keratosis": 0.06, "angioma": 0.04, "dermatofibroma": 0.04,
}  # fmt: skip
CLASSES = ("akiec", "bcc", "bkl", "df", "mel", "nv", "vasc")
SUSPICIOUS = {"melanoma", "basal-cell-carcinoma", "actinic-keratosis"}


def add_signed_readings(
    cases: int, *, organisation: "Organisation", readers: Sequence["User"], weeks: int = 52
) -> None:
    """One lesion a case, a fifth read twice, two fifths with histology; as a model would help."""
    dice = random.Random(7)
    diagnoses = {row.code: row for row in Diagnosis.objects.filter(code__in=SHARES)}
    before = Case.objects.count()
    for start in range(before, before + cases, AT_ONCE):
        count = min(AT_ONCE, before + cases - start)
        _add(range(start, start + count), organisation, readers, weeks, diagnoses, dice)


def _add(  # noqa: PLR0917 - private, and called once
    numbers: range,
    organisation: "Organisation",
    readers: Sequence["User"],
    weeks: int,
    diagnoses: dict[str, Diagnosis],
    dice: random.Random,
) -> None:
    now = timezone.now()
    patients = Patient.objects.bulk_create(
        Patient(organisation=organisation, family_name="Bench", medical_record_number=f"B{number}")
        for number in numbers
    )
    lesions = Lesion.objects.bulk_create(
        Lesion(patient=patient, number=1, body_site="back") for patient in patients
    )
    cases = Case.objects.bulk_create(
        Case(
            organisation=organisation, patient=patient, number=number + 1, submitter=readers[0],
            state="submitted", submitted_at=now,
        )
        for number, patient in zip(numbers, patients, strict=True)
    )  # fmt: skip
    readings: list[Reading] = []
    reads: list[Read] = []
    results: list[PathologyResult] = []
    for case, lesion in zip(cases, lesions, strict=True):
        truth = dice.choices(list(SHARES), list(SHARES.values()))[0]
        at = now - timedelta(days=dice.uniform(0, 7 * weeks - 7))
        for role, reader in zip(("first", "second")[: 1 + (dice.random() < 0.2)],
                                dice.sample(list(readers), 2), strict=False):  # fmt: skip
            turn = _turn(case, lesion, reader, role, at, truth, diagnoses, dice)
            readings.append(turn[0])
            reads += turn[1]
            case.answer = case.answer or turn[0]
        case.state, case.finalised_at = "final", at
        if dice.random() < 0.4:
            results.append(
                PathologyResult(lesion=lesion, diagnosis=diagnoses[truth], method="histo")
            )
    Reading.objects.bulk_create(readings)
    Read.objects.bulk_create(reads)
    # Nothing joins a reading once it is signed.
    Reading.objects.filter(state="revealed").update(state="signed")
    PathologyResult.objects.bulk_create(results)
    Case.objects.bulk_update(cases, ["state", "answer", "finalised_at"])


def _turn(  # noqa: PLR0917 - private, and called once
    case: Case,
    lesion: Lesion,
    reader: "User",
    role: str,
    at: Any,
    truth: str,
    diagnoses: dict[str, Diagnosis],
    dice: random.Random,
) -> tuple[Reading, list[Read]]:
    first = truth if dice.random() < 0.72 else dice.choice(list(SHARES))
    model = truth if dice.random() < 0.8 else dice.choice(list(SHARES))
    final = model if first != model and dice.random() < 0.4 else first
    probabilities = {code: round(dice.random(), 4) for code in CLASSES}
    opinion = {
        "model": "resnet18 1.0.0", "version": str(uuid.uuid4()), "digest": uuid.uuid4().hex * 2,
        "likeliest": "nv", "called": "nv", "diagnosis": model, "probabilities": probabilities,
        "malignancy": 0.5, "operating_point": 0.2, "suspicious": model in SUSPICIOUS,
        "plausible": ["nv", "mel"], "strangeness": 0.4, "sureness": "likely",
        "images": [str(uuid.uuid4())],
    }  # fmt: skip
    reading = Reading(
        case=case, reader=reader, role=role, state="revealed", is_blind=dice.random() < 0.95,
        holds_case=False, committed_at=at, revealed_at=at, signed_at=at, digest="0" * 64,
        model_opinion={str(lesion.pk): opinion}, taxonomy_version="2026.1",
        active_seconds=0 if dice.random() < 0.03 else int(dice.lognormvariate(4.1, 0.6)),
    )  # fmt: skip
    common: dict[str, Any] = {
        "reading": reading, "case": case, "lesion": lesion, "reader": reader, "state": "signed",
        "signed_at": at, "management": "discharge",
    }  # fmt: skip
    changed = final != first
    reads = [Read(**common, diagnosis=diagnoses[first], stage="first", stands=not changed)]
    if changed:
        why = {"stage": "reconsidered", "reason": "The model."}
        reads.append(Read(**common, diagnosis=diagnoses[final], **why))
    return reading, reads
