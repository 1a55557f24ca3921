"""The curves of a report as short lists of points, ready for JSON and for drawing."""

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.training.measures import Flags, Floats
from inference.training.predictions import Predictions
from inference.training.resampling import RESAMPLES, Resamples
from inference.training.weighted_measures import net_benefit

MOST_POINTS = 250
BINS = 10
DECISION_THRESHOLDS = np.arange(1, 61) / 100  # above 0.6 nobody waits for a model to biopsy
Points = dict[str, list[float]]


def curves(
    predictions: Predictions, *, seed: int = 0, resamples: int = RESAMPLES
) -> dict[str, Any]:
    """Every curve of the report; classes without images have none."""
    sampled = Resamples.of_lesions(
        [record.lesion_id for record in predictions.records], seed=seed, count=resamples
    )
    malignancy, malignant = predictions.malignancy, predictions.malignant
    right = predictions.likeliest == predictions.labels
    return {
        "malignancy": _both(malignancy, malignant),
        "by_class": {
            code: _both(predictions.probabilities[:, index], predictions.labels == index)
            for index, code in enumerate(predictions.codes)
            if index in predictions.labels
        },
        "reliability": {
            "likeliest_class": reliability(predictions.confidence, right, sampled),
            "malignancy": reliability(malignancy, malignant, sampled),
        },
        "risk_coverage": risk_coverage(predictions.confidence, ~right),
        "decision": decision(malignancy, malignant, sampled),
    }


def _both(scores: Floats, positive: Flags) -> dict[str, Points] | None:
    if positive.all() or not positive.any():
        return None
    return {"roc": roc(scores, positive), "precision_recall": precision_recall(scores, positive)}


def roc(scores: Floats, positive: Flags) -> Points:
    """Share of negatives called and of positives found, from the highest threshold down."""
    hits, alarms = _counts(scores, positive)
    x, y = np.append(0, alarms), np.append(0, hits)
    kept = _corners(x, y)
    return {
        "false_positive_rate": _short(x[kept] / x[-1]),
        "sensitivity": _short(y[kept] / y[-1]),
    }


def precision_recall(scores: Floats, positive: Flags) -> Points:
    """Share of the called that is positive against the share of positives found."""
    hits, alarms = _counts(scores, positive)
    recall, precision = hits / hits[-1], hits / (hits + alarms)
    # One point for each step of recall, the most precise, and the last: all are called.
    first_of_step = np.flatnonzero(np.diff(recall, prepend=-1) > 0)
    kept = _thinned(np.unique(np.append(first_of_step, len(recall) - 1)))
    return {"recall": _short(recall[kept]), "precision": _short(precision[kept])}


def reliability(scores: Floats, true: Flags, sampled: Resamples) -> list[dict[str, Any]]:
    """What was said and what was so in equally wide bins; empty bins are left out."""
    place = np.clip((scores * BINS).astype(int), 0, BINS - 1)
    bins = []
    for index in np.unique(place):
        inside = place == index
        bins.append(
            {
                "from": round(index / BINS, 2),
                "to": round((index + 1) / BINS, 2),
                "images": int(inside.sum()),
                "said": round(float(scores[inside].mean()), 4),
                **sampled.share("so", true & inside, inside),
            }
        )
    return bins


def risk_coverage(confidence: Floats, wrong: Flags) -> Points:
    """The error among the surest share of the images, for every share."""
    errors, rights = _counts(confidence, wrong)
    seen = errors + rights
    kept = _thinned(np.arange(len(seen)))
    return {"coverage": _short((seen / len(wrong))[kept]), "risk": _short((errors / seen)[kept])}


def decision(scores: Floats, positive: Flags, sampled: Resamples) -> dict[str, Any]:
    """Net benefit of acting at each threshold probability, against acting on all or on none."""
    measure = partial(net_benefit, scores=scores, positive=positive, thresholds=DECISION_THRESHOLDS)
    low, high = np.percentile(sampled.values(measure), (2.5, 97.5), axis=0)
    prevalence = positive.mean()
    odds = DECISION_THRESHOLDS / (1 - DECISION_THRESHOLDS)
    return {
        "threshold": _short(DECISION_THRESHOLDS),
        "net_benefit": _short(sampled.estimate(measure)),
        "net_benefit_low": _short(low),
        "net_benefit_high": _short(high),
        "act_on_all": _short(prevalence - (1 - prevalence) * odds),
    }


def _counts(scores: Floats, positive: Flags) -> tuple[Floats, Floats]:
    """Positives and negatives at or above each distinct score, highest first."""
    order = np.argsort(-scores, kind="stable")
    last_of_equals = np.append(np.flatnonzero(np.diff(scores[order])), len(order) - 1)
    hits = np.cumsum(positive[order])[last_of_equals].astype(float)
    return hits, last_of_equals + 1 - hits


def _corners(x: Floats, y: Floats) -> NDArray[np.int64]:
    """The points at which a line of counted steps turns."""
    across, up = np.diff(x), np.diff(y)
    turns = across[:-1] * up[1:] != up[:-1] * across[1:]
    return _thinned(np.concatenate([[0], np.flatnonzero(turns) + 1, [len(x) - 1]]))


def _thinned(kept: NDArray[np.int64]) -> NDArray[np.int64]:
    if len(kept) <= MOST_POINTS:
        return kept
    chosen: NDArray[np.int64] = kept[np.linspace(0, len(kept) - 1, MOST_POINTS).astype(int)]
    return chosen


def _short(values: Floats) -> list[float]:
    return [round(float(value), 4) for value in values]
