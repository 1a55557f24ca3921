"""The main measures by age, sex, site, how the diagnosis was made and where the image is from."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from inference.engine.package import OperatingPoint
from inference.training.predictions import Predictions
from inference.training.records import Record
from inference.training.resampling import Resamples
from inference.training.weighted_measures import area_under_roc, balanced_accuracy

AGE_BANDS = ((0, 30), (30, 45), (45, 60), (60, 75), (75, 200))
UNKNOWN = "unknown"
SMALLEST = 10  # images; a smaller group is counted, not measured
FEW = 20  # malignant images, or benign ones; a group with fewer is marked as small


def subgroups(
    predictions: Predictions, points: Sequence[OperatingPoint], sampled: Resamples
) -> dict[str, dict[str, Any]]:
    """Figures by group, for what is known of at least one image."""
    return {
        name: _by(predictions, key, points, sampled)
        for name, key in KEYS.items()
        if any(key(record) for record in predictions.records)
    }


def groups_of(record: Record) -> dict[str, str]:
    """The groups that an image is known to belong to, such as ``sex: female``."""
    return {name: value for name, key in KEYS.items() if (value := key(record))}


def age_band(age: float | None) -> str:
    """The band an age in years lies in; empty where the age is unknown."""
    for low, high in AGE_BANDS:
        if age is not None and low <= age < high:
            return f"{low} to {high - 1}" if high < AGE_BANDS[-1][1] else f"{low} and over"
    return ""


KEYS: dict[str, Callable[[Record], str]] = {
    "dx_type": lambda record: record.dx_type,
    "age": lambda record: age_band(record.age),
    "sex": lambda record: record.sex,
    "site": lambda record: record.site,
    "source": lambda record: record.source,
}


def _by(
    predictions: Predictions,
    key: Callable[[Record], str],
    points: Sequence[OperatingPoint],
    sampled: Resamples,
) -> dict[str, Any]:
    rows_of: dict[str, list[int]] = {}
    for row, record in enumerate(predictions.records):
        rows_of.setdefault(key(record) or UNKNOWN, []).append(row)
    # What is unknown comes last.
    names = sorted(rows_of, key=lambda name: (name == UNKNOWN, name))
    chosen = {name: np.array(rows_of[name], dtype=np.int64) for name in names}
    return {
        name: _figures(predictions.chosen(rows), points, sampled.rows(rows))
        for name, rows in chosen.items()
    }


def _figures(
    part: Predictions, points: Sequence[OperatingPoint], sampled: Resamples
) -> dict[str, Any]:
    images, malignant = len(part.records), int(part.malignant.sum())
    figures: dict[str, Any] = {
        "images": images,
        "lesions": len({record.lesion_id for record in part.records}),
        "malignant_images": malignant,
        "small": min(malignant, images - malignant) < FEW,
    }
    if images < SMALLEST:
        return figures
    correct = partial(balanced_accuracy, predicted=part.called, labels=part.labels)
    area = partial(area_under_roc, scores=part.malignancy, positive=part.malignant)
    return {
        **figures,
        **sampled.share("accuracy", part.called == part.labels, np.ones(images)),
        **sampled.measured("balanced_accuracy", correct),
        **sampled.measured("malignancy_auc", area),
        "operating_points": [_at(point, part, sampled) for point in points],
    }


def _at(point: OperatingPoint, part: Predictions, sampled: Resamples) -> dict[str, Any]:
    called = part.malignancy >= point.malignancy_threshold
    malignant = part.malignant
    return {
        "name": point.name,
        **sampled.share("sensitivity", called & malignant, malignant),
        **sampled.share("specificity", ~called & ~malignant, ~malignant),
    }
