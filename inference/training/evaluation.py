"""How good a classifier is on labelled images, as plain numbers with intervals.

Each measure is computed once, under weights: all ones for its value, resampled lesions for its
interval. Undefined values are None.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from inference.engine.package import Conformal, OperatingPoint
from inference.training.conformal import coverage_report, plausible_classes
from inference.training.measures import Flags, Floats, expected_calibration_error
from inference.training.operating_points import at_operating_point, at_sensitivity
from inference.training.predictions import Predictions
from inference.training.resampling import RESAMPLES, Measure, Resamples, between, ratio, rounded
from inference.training.subgroups import subgroups
from inference.training.weighted_measures import (
    area_under_roc,
    average_precision,
    balanced_accuracy,
    f1_scores,
    mean_of_defined,
    one_hot,
    risk_coverage_area,
)

__all__ = ["Predictions", "evaluate", "figures_of"]

COVERAGES = (0.5, 0.7, 0.8, 0.9, 1.0)  # of the images, most confident first
NOT_FIGURES = frozenset({"curves", "mistakes"})


def evaluate(
    predictions: Predictions,
    operating_points: Sequence[OperatingPoint],
    conformal: Conformal | None = None,
    *,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> dict[str, Any]:
    """The figures of a report as JSON-ready values; intervals are 95 %."""
    sampled = Resamples.of_lesions(
        [record.lesion_id for record in predictions.records], seed=seed, count=resamples
    )
    return {
        "images": len(predictions.records),
        "lesions": len({record.lesion_id for record in predictions.records}),
        "malignant_images": int(predictions.malignant.sum()),
        "resamples": resamples,
        "classes_without_images": [
            code for index, code in enumerate(predictions.codes) if index not in predictions.labels
        ],
        **_overall(predictions, sampled),
        **_calibration(predictions, sampled),
        "per_class": _per_class(predictions, sampled),
        "confusion": _confusion(predictions),
        "operating_points": [
            at_operating_point(point, predictions, sampled) for point in operating_points
        ],
        "specificity_at_sensitivity": at_sensitivity(predictions, sampled),
        "risk_coverage": _risk_coverage(predictions, sampled),
        "conformal": conformal and _coverage(predictions, conformal, sampled),
        "subgroups": subgroups(predictions, operating_points, sampled),
    }


def figures_of(report: Mapping[str, Any]) -> dict[str, Any]:
    """A report without its curves and single images: what a package keeps of it."""
    return {key: value for key, value in report.items() if key not in NOT_FIGURES}


def _overall(predictions: Predictions, sampled: Resamples) -> dict[str, Any]:
    labels, said = predictions.labels, predictions.called
    truth, called = (one_hot(which, len(predictions.classes)) for which in (labels, said))

    def macro_auc(weights: Floats) -> Floats:
        areas = [
            area_under_roc(weights, predictions.probabilities[:, index], labels == index)
            for index in range(len(predictions.classes))
        ]
        return mean_of_defined(np.stack(areas, axis=1))

    by_name: dict[str, Measure] = {
        "balanced_accuracy": partial(balanced_accuracy, predicted=said, labels=labels),
        "macro_auc": macro_auc,
        "macro_f1": lambda weights: mean_of_defined(f1_scores(weights, called, truth)),
        "malignancy_auc": partial(
            area_under_roc, scores=predictions.malignancy, positive=predictions.malignant
        ),
        "malignancy_average_precision": partial(
            average_precision, scores=predictions.malignancy, positive=predictions.malignant
        ),
    }
    figures = sampled.share("accuracy", said == labels, np.ones(len(labels)))
    for name, measure in by_name.items():
        figures |= sampled.measured(name, measure)
    return figures


def _calibration(predictions: Predictions, sampled: Resamples) -> dict[str, Any]:
    """The calibration errors have no interval: resampled ones are larger than the error itself."""
    likeliest_is_right = predictions.likeliest == predictions.labels
    truth = one_hot(predictions.labels, len(predictions.classes))
    distances = ((predictions.probabilities - truth) ** 2).sum(axis=1)
    malignancy = (predictions.malignancy - predictions.malignant) ** 2
    return {
        "ece": rounded(expected_calibration_error(predictions.confidence, likeliest_is_right)),
        "malignancy_ece": rounded(
            expected_calibration_error(predictions.malignancy, predictions.malignant)
        ),
        **sampled.measured("brier", partial(_mean, values=distances)),
        **sampled.measured("malignancy_brier", partial(_mean, values=malignancy)),
    }


def _mean(weights: Floats, values: Floats) -> Floats:
    average: Floats = weights @ values / weights.sum(axis=1)
    return average


def _per_class(predictions: Predictions, sampled: Resamples) -> dict[str, Any]:
    """Each class against the rest: where it is called, and how its probability ranks."""
    count = len(predictions.classes)
    called = one_hot(predictions.called, count)
    truth = one_hot(predictions.labels, count)
    shares = {
        "sensitivity": sampled.shares(called * truth, truth),
        "specificity": sampled.shares((1 - called) * (1 - truth), 1 - truth),
        "ppv": sampled.shares(called * truth, called),
        "npv": sampled.shares((1 - called) * (1 - truth), 1 - called),
    }
    scores = partial(f1_scores, called=called, truth=truth)
    f1, f1_values = sampled.estimate(scores), sampled.values(scores)
    result: dict[str, Any] = {}
    for index, code in enumerate(predictions.codes):
        score, positive = predictions.probabilities[:, index], predictions.labels == index
        result[code] = {
            "images": int(positive.sum()),
            "called": int(called[:, index].sum()),
            **sampled.measured("auc", partial(area_under_roc, scores=score, positive=positive)),
            **sampled.measured(
                "average_precision", partial(average_precision, scores=score, positive=positive)
            ),
        }
        for name, columns in shares.items():
            result[code][name], result[code][f"{name}_interval"] = columns[index]
        result[code]["f1"] = rounded(f1[index])
        result[code]["f1_interval"] = between(f1_values[:, index])
    return result


def _confusion(predictions: Predictions) -> dict[str, dict[str, int]]:
    """Counts by true class, then by called class."""
    called = predictions.called
    return {
        true: {
            said: int(((predictions.labels == row) & (called == column)).sum())
            for column, said in enumerate(predictions.codes)
        }
        for row, true in enumerate(predictions.codes)
    }


def _risk_coverage(predictions: Predictions, sampled: Resamples) -> dict[str, Any]:
    """The error among the images of which the model is surest, and over all such shares."""
    wrong = predictions.likeliest != predictions.labels
    surest_first = np.argsort(-predictions.confidence, kind="stable")
    kept = {share: max(1, round(share * len(wrong))) for share in COVERAGES}
    return {
        **sampled.measured(
            "area", partial(risk_coverage_area, confidence=predictions.confidence, wrong=wrong)
        ),
        "at": [
            {
                "coverage": share,
                "images": images,
                "risk": rounded(wrong[surest_first[:images]].mean()),
            }
            for share, images in kept.items()
        ],
    }


def _coverage(predictions: Predictions, conformal: Conformal, sampled: Resamples) -> dict[str, Any]:
    """The conformal sets' coverage and size, with the intervals of both."""
    labels = predictions.labels
    inside = plausible_classes(predictions, conformal)
    covered = inside[np.arange(len(labels)), labels]
    sizes = inside.sum(axis=1).astype(float)
    found = coverage_report(predictions, conformal)
    wholes = {
        code: (labels == predictions.codes.index(code)).astype(float) for code in found["by_class"]
    }
    found |= _set_intervals(covered, sizes, np.ones(len(labels)), sampled)
    for code, whole in wholes.items():
        found["by_class"][code] |= _set_intervals(covered, sizes, whole, sampled)
    return found


def _set_intervals(
    covered: Flags, sizes: Floats, whole: Floats, sampled: Resamples
) -> dict[str, Any]:
    mean_size = sampled.values(partial(ratio, part=sizes * whole, whole=whole))
    return {
        **sampled.share("coverage", covered * whole, whole),
        "mean_size_interval": between(mean_size),
    }
