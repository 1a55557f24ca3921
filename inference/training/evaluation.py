"""How good a classifier is on labelled images, as plain numbers with intervals.

Images of one lesion are not independent, so every interval resamples lesions, not images.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.engine.package import Conformal, ModelClass, OperatingPoint
from inference.training.conformal import coverage_report
from inference.training.measures import (
    Flags,
    Floats,
    Labels,
    area_under_roc,
    balanced_accuracy,
    brier_score,
    class_aucs,
    expected_calibration_error,
    macro_auc,
)
from inference.training.records import Record

RESAMPLES = 500
AGE_BANDS = ((0, 30), (30, 45), (45, 60), (60, 75), (75, 200))
SMALLEST_SUBGROUP = 10


@dataclass(frozen=True)
class Predictions:
    """Probabilities (N, C) in the order of ``classes`` for the N labelled ``records``."""

    classes: Sequence[ModelClass]
    records: Sequence[Record]
    probabilities: Floats
    labels: Labels

    @property
    def malignant(self) -> Flags:
        counts = np.array([entry.counts_as_malignant for entry in self.classes])
        return counts[self.labels]

    @property
    def malignancy(self) -> Floats:
        counts = np.array([entry.counts_as_malignant for entry in self.classes])
        total: Floats = self.probabilities[:, counts].sum(axis=1)
        return total

    def chosen(self, rows: NDArray[np.int64]) -> "Predictions":
        records = [self.records[row] for row in rows]
        return Predictions(self.classes, records, self.probabilities[rows], self.labels[rows])


def evaluate(
    predictions: Predictions,
    operating_points: Sequence[OperatingPoint],
    conformal: Conformal | None = None,
    *,
    seed: int = 0,
) -> dict[str, Any]:
    """The whole report as JSON-ready values; intervals are 95 %, undefined values are None."""
    predicted = predictions.probabilities.argmax(axis=1)
    confidence = predictions.probabilities.max(axis=1)
    correct = predicted == predictions.labels
    present = [int(index) for index in np.unique(predictions.labels)]
    return {
        "images": len(predictions.records),
        "lesions": len({record.lesion_id for record in predictions.records}),
        "classes_without_images": [
            entry.code for index, entry in enumerate(predictions.classes) if index not in present
        ],
        "accuracy": _rounded(float(correct.mean())),
        "balanced_accuracy": _rounded(balanced_accuracy(predicted, predictions.labels)),
        "balanced_accuracy_interval": interval(predictions, _balanced_accuracy_of, seed=seed),
        "macro_auc": _rounded(macro_auc(predictions.probabilities, predictions.labels)),
        "macro_auc_interval": interval(predictions, _macro_auc_of, seed=seed),
        "malignancy_auc": _rounded(_malignancy_auc_of(predictions)),
        "malignancy_auc_interval": interval(predictions, _malignancy_auc_of, seed=seed),
        "ece": _rounded(expected_calibration_error(confidence, correct)),
        "malignancy_ece": _rounded(
            expected_calibration_error(predictions.malignancy, predictions.malignant)
        ),
        "brier": _rounded(brier_score(predictions.probabilities, predictions.labels)),
        "per_class": _per_class(predictions, predicted),
        "confusion": _confusion(predictions, predicted),
        "operating_points": [_at(point, predictions) for point in operating_points],
        "conformal": conformal and _coverage(predictions, conformal),
        "subgroups": _subgroups(predictions, operating_points, seed=seed),
    }


def interval(
    predictions: Predictions,
    measure: Callable[[Predictions], float | None],
    *,
    seed: int,
    resamples: int = RESAMPLES,
) -> list[float] | None:
    """The 2.5th and 97.5th percentile of a measure over resampled lesions."""
    lesions: dict[str, list[int]] = {}
    for row, record in enumerate(predictions.records):
        lesions.setdefault(record.lesion_id, []).append(row)
    rows_of = [np.array(rows, dtype=np.int64) for rows in lesions.values()]
    random = np.random.default_rng(seed)
    values = []
    for _ in range(resamples):
        chosen = random.integers(len(rows_of), size=len(rows_of))
        value = measure(predictions.chosen(np.concatenate([rows_of[i] for i in chosen])))
        if value is not None:
            values.append(value)
    if len(values) < resamples * 0.9:
        return None  # too few images of some kind for an interval to mean anything
    low, high = np.percentile(values, (2.5, 97.5))
    return [_rounded(float(low)), _rounded(float(high))]


def _balanced_accuracy_of(predictions: Predictions) -> float:
    return balanced_accuracy(predictions.probabilities.argmax(axis=1), predictions.labels)


def _macro_auc_of(predictions: Predictions) -> float:
    return macro_auc(predictions.probabilities, predictions.labels)


def _malignancy_auc_of(predictions: Predictions) -> float | None:
    return area_under_roc(predictions.malignancy, predictions.malignant)


def _per_class(predictions: Predictions, predicted: Labels) -> dict[str, Any]:
    areas = class_aucs(predictions.probabilities, predictions.labels)
    result = {}
    for index, entry in enumerate(predictions.classes):
        counts = _two_by_two(predicted == index, predictions.labels == index)
        result[entry.code] = {
            "images": int((predictions.labels == index).sum()),
            "auc": _rounded(areas[index]),
            **counts,
        }
    return result


def _two_by_two(called: Flags, true: Flags) -> dict[str, float | None]:
    hits = int((called & true).sum())
    false_alarms = int((called & ~true).sum())
    misses = int((~called & true).sum())
    rejections = int((~called & ~true).sum())
    return {
        "sensitivity": _share(hits, hits + misses),
        "specificity": _share(rejections, rejections + false_alarms),
        "ppv": _share(hits, hits + false_alarms),
        "npv": _share(rejections, rejections + misses),
        "f1": _share(2 * hits, 2 * hits + false_alarms + misses),
    }


def _at(point: OperatingPoint, predictions: Predictions) -> dict[str, Any]:
    """What an operating point fixed earlier does on these images."""
    called = predictions.malignancy >= point.malignancy_threshold
    counts = _two_by_two(called, predictions.malignant)
    counts.pop("f1")
    ppv = counts["ppv"]
    return {
        "name": point.name,
        "malignancy_threshold": point.malignancy_threshold,
        **counts,
        # How many lesions called malignant for each one that is.
        "number_needed_to_biopsy": round(1 / ppv, 2) if ppv else None,
    }


def _coverage(predictions: Predictions, conformal: Conformal) -> dict[str, Any]:
    codes = [entry.code for entry in predictions.classes]
    return coverage_report(predictions.probabilities, predictions.labels, codes, conformal)


def _confusion(predictions: Predictions, predicted: Labels) -> dict[str, dict[str, int]]:
    """Counts by true class, then by predicted class."""
    codes = [entry.code for entry in predictions.classes]
    return {
        true: {
            said: int(((predictions.labels == row) & (predicted == column)).sum())
            for column, said in enumerate(codes)
        }
        for row, true in enumerate(codes)
    }


def _subgroups(
    predictions: Predictions, points: Sequence[OperatingPoint], *, seed: int
) -> dict[str, dict[str, Any]]:
    """The main measures by how the diagnosis was made, sex, age and site, where these are known."""
    keys: dict[str, Callable[[Record], str]] = {
        "dx_type": lambda record: record.dx_type,
        "sex": lambda record: record.sex,
        "age": lambda record: _age_band(record.age),
        "site": lambda record: record.site,
    }
    return {
        name: _by(predictions, key, points, seed=seed)
        for name, key in keys.items()
        if any(key(record) for record in predictions.records)
    }


def _by(
    predictions: Predictions,
    key: Callable[[Record], str],
    points: Sequence[OperatingPoint],
    *,
    seed: int,
) -> dict[str, Any]:
    rows_of: dict[str, list[int]] = {}
    for row, record in enumerate(predictions.records):
        rows_of.setdefault(key(record) or "unknown", []).append(row)
    groups: dict[str, Any] = {}
    for value in sorted(rows_of):
        part = predictions.chosen(np.array(rows_of[value], dtype=np.int64))
        summary: dict[str, Any] = {
            "images": len(part.records),
            "malignant_images": int(part.malignant.sum()),
        }
        if len(part.records) >= SMALLEST_SUBGROUP:
            summary |= {
                "balanced_accuracy": _rounded(_balanced_accuracy_of(part)),
                "accuracy": _rounded(
                    float(np.mean(part.probabilities.argmax(axis=1) == part.labels))
                ),
                "malignancy_auc": _rounded(_malignancy_auc_of(part)),
                "malignancy_auc_interval": interval(
                    part, _malignancy_auc_of, seed=seed, resamples=RESAMPLES // 2
                ),
                "operating_points": [_at(point, part) for point in points],
            }
        groups[value] = summary
    return groups


def _age_band(age: float | None) -> str:
    for low, high in AGE_BANDS:
        if age is not None and low <= age < high:
            return f"{low} to {high - 1}" if high < 200 else f"{low} and over"
    return ""


def _share(part: int, whole: int) -> float | None:
    return _rounded(part / whole) if whole else None


def _rounded(value: Any) -> Any:
    return None if value is None or not np.isfinite(value) else round(float(value), 4)
