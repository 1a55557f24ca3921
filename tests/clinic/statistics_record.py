"""Closed cases of one lesion with exactly the readings that a test counts."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Organisation, User
from clinic.models import Case, CaseState, PathologyResult, Read, Reading
from tests.factories import CaseFactory, LesionFactory, PatientFactory, diagnosis

# A class as the model's opinion names it: taxonomy code, and whether it called it suspicious.
NEVUS = {"diagnosis": "nevus", "suspicious": False}
MELANOMA = {"diagnosis": "melanoma", "suspicious": True}


@dataclass(frozen=True)
class Turn:
    """One signed reading: what was said `first`, and what instead after the `model`'s answer."""

    reader: User
    first: str = "nevus"
    final: str = ""
    role: str = "first"
    model: dict[str, Any] | None = None
    blind: bool = True
    seconds: int = 60
    signed_at: datetime | None = None


def closed_case(
    organisation: Organisation,
    *turns: Turn,
    pathology: str = "",
    method: str = "histo",
    state: str = CaseState.FINAL,
) -> Case:
    """A case whose last adjudication or amendment, or else its first reading, is the answer."""
    patient = PatientFactory(organisation=organisation)
    case = CaseFactory(patient=patient, submitted=True)
    lesion = LesionFactory(patient=patient)
    readings = {turn.role: _reading(case, lesion, turn) for turn in turns}
    answer = readings.get("amendment") or readings.get("adjudication") or readings.get("first")
    Case.objects.filter(pk=case.pk).update(
        state=state,
        answer=answer,
        finalised_at=timezone.now() if state in {"final", "amended"} else None,
    )
    if pathology:
        PathologyResult.objects.create(lesion=lesion, diagnosis=diagnosis(pathology), method=method)
    case.refresh_from_db()
    return case


def _reading(case: Case, lesion: Any, turn: Turn) -> Reading:
    signed_at = turn.signed_at or timezone.now()
    reading = Reading.objects.create(
        case=case,
        reader=turn.reader,
        role=turn.role,
        state="revealed",
        is_blind=turn.blind,
        holds_case=False,
        committed_at=signed_at - timedelta(minutes=2),
        revealed_at=signed_at - timedelta(minutes=1),
        signed_at=signed_at,
        model_opinion={str(lesion.pk): turn.model} if turn.model else {},
        taxonomy_version="2026.1",
        digest="0" * 64,
        active_seconds=turn.seconds,
        reason="Because." if turn.role == "amendment" else "",
    )
    common = {
        "reading": reading,
        "case": case,
        "lesion": lesion,
        "reader": turn.reader,
        "state": "signed",
        "signed_at": signed_at,
        "management": "discharge",
    }
    Read.objects.create(
        **common, diagnosis=diagnosis(turn.first), stage="first", stands=not turn.final
    )
    if turn.final:
        Read.objects.create(
            **common,
            diagnosis=diagnosis(turn.final),
            stage="reconsidered",
            reason="The model's answer.",
        )
    # Nothing joins a reading once it is signed, so this comes last.
    Reading.objects.filter(pk=reading.pk).update(state="signed")
    return reading
