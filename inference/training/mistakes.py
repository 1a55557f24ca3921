"""The worst mistakes: what a person should look at before trusting any average."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from inference.engine.package import OperatingPoint
from inference.training.measures import Flags, Floats
from inference.training.predictions import Predictions
from inference.training.subgroups import groups_of

SHOWN = 8  # of each kind


def worst_mistakes(
    predictions: Predictions, points: Sequence[OperatingPoint]
) -> dict[str, list[dict[str, Any]]]:
    """The gravest of each kind first, one image a lesion.

    ``missed`` and ``false_alarms`` are judged at the first operating point; without one, every
    malignant image may count as missed.
    """
    malignant, malignancy = predictions.malignant, predictions.malignancy
    threshold = points[0].malignancy_threshold if points else 0.5
    called = malignancy >= threshold
    return {
        "missed": _worst(predictions, malignant & ~called, -malignancy),
        "false_alarms": _worst(predictions, ~malignant & called, malignancy),
        "sure_and_wrong": _worst(
            predictions, predictions.likeliest != predictions.labels, predictions.confidence
        ),
    }


def _worst(predictions: Predictions, among: Flags, gravity: Floats) -> list[dict[str, Any]]:
    rows: list[int] = []
    lesions: set[str] = set()
    for row in np.argsort(-gravity, kind="stable").tolist():
        lesion = predictions.records[row].lesion_id
        if among[row] and lesion not in lesions and len(rows) < SHOWN:
            rows.append(row)
            lesions.add(lesion)
    return [_described(predictions, row) for row in rows]


def _described(predictions: Predictions, row: int) -> dict[str, Any]:
    record, probabilities = predictions.records[row], predictions.probabilities[row]
    return {
        "image_id": record.image_id,
        "true": record.label,
        "likeliest": predictions.codes[int(predictions.likeliest[row])],
        "malignancy": round(float(predictions.malignancy[row]), 4),
        "probabilities": {
            code: round(float(value), 4)
            for code, value in zip(predictions.codes, probabilities, strict=True)
        },
        "groups": groups_of(record),
    }
