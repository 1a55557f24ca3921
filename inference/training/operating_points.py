"""Malignant or not at a threshold: what it finds, what it calls for nothing, and for whom.

Predictive values depend on how common malignant lesions are, so they are also given for other
mixtures than that of the images at hand.
"""

from functools import partial
from typing import Any

import numpy as np

from inference.engine.package import OperatingPoint
from inference.training.measures import Flags
from inference.training.predictions import Predictions
from inference.training.resampling import Interval, Resamples
from inference.training.weighted_measures import specificity_at

SENSITIVITIES = (0.90, 0.95)
PREVALENCES = (0.02, 0.05, 0.10, 0.20, 0.50)  # of malignant lesions among those looked at


def at_operating_point(
    point: OperatingPoint, predictions: Predictions, sampled: Resamples
) -> dict[str, Any]:
    """What an operating point fixed earlier does on these images."""
    malignant = predictions.malignant
    called = predictions.malignancy >= point.malignancy_threshold
    figures = binary_shares(called, malignant, sampled)
    ppv, interval = figures["ppv"], figures["ppv_interval"]
    return {
        "name": point.name,
        "malignancy_threshold": point.malignancy_threshold,
        "malignant_images": int(malignant.sum()),
        "benign_images": int((~malignant).sum()),
        "found": int((called & malignant).sum()),
        "false_alarms": int((called & ~malignant).sum()),
        **figures,
        # How many lesions called malignant for each one that is.
        "number_needed_to_biopsy": round(1 / ppv, 2) if ppv else None,
        "number_needed_to_biopsy_interval": _inverted(interval),
        "marked_by_class": _marked_by_class(called, predictions, sampled),
        "at_prevalence": _at_prevalences(figures["sensitivity"], figures["specificity"]),
    }


def _marked_by_class(
    called: Flags, predictions: Predictions, sampled: Resamples
) -> dict[str, dict[str, Any]]:
    """How much of each class is called malignant; classes without images are left out."""
    return {
        code: {
            "images": int((predictions.labels == index).sum()),
            **sampled.share(
                "marked", called & (predictions.labels == index), predictions.labels == index
            ),
        }
        for index, code in enumerate(predictions.codes)
        if index in predictions.labels
    }


def binary_shares(called: Flags, true: Flags, sampled: Resamples) -> dict[str, Any]:
    """Sensitivity, specificity and predictive values of a yes or no (N,), with intervals."""
    return {
        **sampled.share("sensitivity", called & true, true),
        **sampled.share("specificity", ~called & ~true, ~true),
        **sampled.share("ppv", called & true, called),
        **sampled.share("npv", ~called & ~true, ~called),
    }


def at_sensitivity(predictions: Predictions, sampled: Resamples) -> list[dict[str, Any]]:
    """The specificity at thresholds chosen on these very images, so a little optimistic."""
    malignancy, malignant = predictions.malignancy, predictions.malignant
    return [
        {
            "sensitivity": sensitivity,
            **sampled.measured(
                "specificity",
                partial(
                    specificity_at, scores=malignancy, positive=malignant, sensitivity=sensitivity
                ),
            ),
            "malignancy_threshold": _threshold(predictions, sensitivity),
        }
        for sensitivity in SENSITIVITIES
    ]


def _threshold(predictions: Predictions, sensitivity: float) -> float | None:
    scores = np.sort(predictions.malignancy[predictions.malignant])
    if not len(scores):
        return None
    missed = int(np.floor((1 - sensitivity) * len(scores) + 1e-9))
    return round(float(scores[missed]), 6)


def _at_prevalences(
    sensitivity: float | None, specificity: float | None
) -> list[dict[str, float | None]]:
    """Bayes' theorem: the predictive values where malignant lesions are rarer or commoner."""
    if sensitivity is None or specificity is None:
        return []
    rows = []
    for prevalence in PREVALENCES:
        hits, misses = prevalence * sensitivity, prevalence * (1 - sensitivity)
        alarms, rejections = (1 - prevalence) * (1 - specificity), (1 - prevalence) * specificity
        rows.append(
            {
                "prevalence": prevalence,
                "ppv": round(hits / (hits + alarms), 4) if hits + alarms else None,
                "npv": round(rejections / (rejections + misses), 4)
                if rejections + misses
                else None,
                "number_needed_to_biopsy": round((hits + alarms) / hits, 2) if hits else None,
            }
        )
    return rows


def _inverted(interval: Interval) -> Interval:
    if not interval or not interval[0]:
        return None
    low, high = interval
    return [round(1 / high, 2), round(1 / low, 2)]
