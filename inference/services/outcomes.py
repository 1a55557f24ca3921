"""Writing what became of claimed rows: one statement a batch, and never over a newer claim.

The features of an image, their projection and the image's statistics are written by the same
statement as its answer: there is no answer whose features were lost on the way.
"""

import json
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Max, Q
from django.utils import timezone

from clinic.models import OPEN_STATES, Case
from clinic.services import record_case_malignancy
from inference.models import MAX_ATTEMPTS, ModelState, Prediction, PredictionState
from inference.services.leases import ClaimedRow

# How long a passing trouble (storage down, no memory) is given before the next try.
PAUSES = (timedelta(minutes=1), timedelta(minutes=10))
REASON_LENGTH = 300


@dataclass(frozen=True)
class Outcome:
    """One row's new state. Build it with `answered`, `failed` or `troubled`."""

    key: UUID
    state: PredictionState
    probabilities: Mapping[str, float] | None = None
    top_class: str = ""
    malignancy: float | None = None
    uncertainty: float | None = None
    called: str = ""
    plausible: Sequence[str] | None = None
    strangeness: float | None = None
    features: Sequence[float] | None = None
    projection: Sequence[float] | None = None
    statistics: Mapping[str, float] | None = None
    saliency: bytes | None = None
    reason: str = ""
    not_before: datetime | None = None

    @classmethod
    def failed(cls, row: ClaimedRow, reason: str) -> "Outcome":
        """Nothing will change by trying again."""
        return cls(row.pk, PredictionState.FAILED, reason=reason[:REASON_LENGTH])

    @classmethod
    def troubled(cls, row: ClaimedRow, reason: str) -> "Outcome":
        """It may pass: try later, or fail if this was the last try. `attempts` counts this one."""
        if row.attempts >= MAX_ATTEMPTS:
            return cls.failed(row, reason)
        pause = PAUSES[min(row.attempts, len(PAUSES)) - 1]
        return cls(
            row.pk,
            PredictionState.QUEUED,
            reason=reason[:REASON_LENGTH],
            not_before=timezone.now() + pause,
        )


# The columns come as one JSON document, so the statement is the same for any number of rows.
# `state` and `claimed_by` make it ignore rows whose lease was taken back in the meantime.
_STORE = """
WITH outcome AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(%(outcomes)s::jsonb) AS given(
        key uuid, state text, probabilities jsonb, top_class text, malignancy float8,
        uncertainty float8, called text, plausible text[], strangeness float8, features text,
        projection real[], statistics jsonb, saliency text, reason text, not_before timestamptz)
), stored AS (
    UPDATE inference_prediction AS prediction SET
        state = outcome.state,
        probabilities = outcome.probabilities,
        top_class = outcome.top_class,
        malignancy = outcome.malignancy,
        uncertainty = outcome.uncertainty,
        called = outcome.called,
        plausible = outcome.plausible,
        strangeness = outcome.strangeness,
        saliency = decode(outcome.saliency, 'base64'),
        reason = outcome.reason,
        not_before = outcome.not_before,
        lease_expires_at = NULL,
        finished_at = CASE WHEN outcome.state = 'queued' THEN NULL ELSE %(now)s END,
        duration_ms = CASE WHEN outcome.state = 'queued' THEN NULL
            ELSE round(1000 * extract(epoch FROM %(now)s - prediction.started_at)) END
    FROM outcome
    WHERE prediction.id = outcome.key
        AND prediction.state = 'running'
        AND prediction.claimed_by = %(token)s
    RETURNING prediction.id, prediction.image_id
), projected AS (
    INSERT INTO inference_featureprojection (prediction_id, values)
    SELECT stored.id, outcome.projection FROM stored, outcome
    WHERE outcome.key = stored.id AND outcome.projection IS NOT NULL
    ON CONFLICT (prediction_id) DO UPDATE SET values = excluded.values
), measured AS (
    INSERT INTO inference_imagestatistics
        (image_id, brightness, contrast, hue, saturation, sharpness, dark_border)
    SELECT stored.image_id, given.*
    FROM stored, outcome, jsonb_to_record(outcome.statistics) AS given(
        brightness real, contrast real, hue real, saturation real, sharpness real, dark_border real)
    WHERE outcome.key = stored.id AND outcome.statistics IS NOT NULL
    -- In one order, so that two workers with the same images (a shadow's) wait, and do not lock up.
    ORDER BY stored.image_id
    ON CONFLICT (image_id) DO NOTHING
), kept AS (
    INSERT INTO inference_imagefeatures (prediction_id, vector)
    SELECT stored.id, outcome.features::real[] FROM stored, outcome
    WHERE outcome.key = stored.id AND outcome.features IS NOT NULL
    ON CONFLICT (prediction_id) DO UPDATE SET vector = excluded.vector
)
SELECT id FROM stored
"""


def record_outcomes(*, token: str, outcomes: Sequence[Outcome]) -> set[UUID]:
    """Store the outcomes of a claim in one statement; returns the keys that were still its own.

    A row whose lease expired, and that another worker has claimed or answered since, is left
    alone.
    """
    if not outcomes:
        return set()
    document = json.dumps([_as_json(outcome) for outcome in outcomes])
    with connection.cursor() as cursor:
        cursor.execute(_STORE, {"outcomes": document, "token": token, "now": timezone.now()})
        return {key for (key,) in cursor.fetchall()}


def _as_json(outcome: Outcome) -> dict[str, Any]:
    return {
        "key": str(outcome.key),
        "state": outcome.state.value,
        "probabilities": outcome.probabilities,
        "top_class": outcome.top_class,
        "malignancy": outcome.malignancy,
        "uncertainty": outcome.uncertainty,
        "called": outcome.called,
        "plausible": None if outcome.plausible is None else list(outcome.plausible),
        "strangeness": outcome.strangeness,
        "features": _as_array(outcome.features),
        "projection": list(outcome.projection) if outcome.projection else None,
        "statistics": outcome.statistics,
        "saliency": b64encode(outcome.saliency).decode() if outcome.saliency else None,
        "reason": outcome.reason,
        "not_before": outcome.not_before.isoformat() if outcome.not_before else None,
    }


def _as_array(features: Sequence[float] | None) -> str | None:
    """An array as PostgreSQL reads it; nine digits are all that four bytes hold."""
    if features is None:
        return None
    return f"{{{','.join(format(value, '.9g') for value in features)}}}"


@transaction.atomic
def refresh_case_malignancy(*, cases: Iterable[UUID]) -> None:
    """Set open cases' malignancy to the highest answer of the active model.

    Their place in the worklist follows the model's answers for as long as work on them goes on.

    The cases are locked before the answers are read: of two workers that answer images of one
    case, the later one sees both answers. Not part of `record_outcomes`' transaction, because an
    upload holds its case's lock while it stores files, and then waits for the case's predictions.
    """
    keys = list(
        Case.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=set(cases), state__in=OPEN_STATES)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    if keys:
        rows = _highest_answers().filter(image__case__in=keys)
        highest = dict(rows.values_list("image__case", "highest"))
        record_case_malignancy(malignancy_by_case={key: highest.get(key) for key in keys})


def stale_cases(*, limit: int = 1000) -> list[UUID]:
    """Open cases whose malignancy is not what the active model's answers say.

    A worker that dies between the answer and the case's malignancy leaves one behind, and so does
    a change of the active model.
    """
    rows = (
        _highest_answers()
        .filter(image__case__state__in=OPEN_STATES)
        .filter(Q(image__case__malignancy__isnull=True) | ~Q(highest=F("image__case__malignancy")))
    )
    return list(rows.values_list("image__case", flat=True)[:limit])


def _highest_answers() -> Any:  # a ValuesQuerySet with annotations
    return (
        Prediction.objects.filter(
            state=PredictionState.SUCCEEDED, model_version__state=ModelState.ACTIVE
        )
        .order_by()
        .values("image__case")
        .annotate(highest=Max("malignancy"))
    )
