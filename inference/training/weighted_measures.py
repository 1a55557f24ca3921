"""The measures of a report under many weightings of the images at once.

Weights are float64 (R, N), how often each image counts in each of R resamples; all ones give the
plain measure. Every function returns (R,) or (R, K) values, NaN where a measure is undefined.
"""

import numpy as np

from inference.training.measures import Flags, Floats, Labels
from inference.training.resampling import ratio


def balanced_accuracy(weights: Floats, predicted: Labels, labels: Labels) -> Floats:
    """The mean over the classes present of the share of their images called right."""
    truth = one_hot(labels, int(max(predicted.max(), labels.max())) + 1)
    return mean_of_defined(ratio(weights, truth * (predicted == labels)[:, None], truth))


def f1_scores(weights: Floats, called: Floats, truth: Floats) -> Floats:
    """F1 of each class (R, K); ``called`` and ``truth`` are one-hot (N, K)."""
    absent = weights @ truth == 0
    return np.where(absent, np.nan, ratio(weights, 2 * called * truth, called + truth))


def area_under_roc(weights: Floats, scores: Floats, positive: Flags) -> Floats:
    """The chance that a positive scores above a negative; ties count half."""
    hits, alarms = _cumulated(weights, scores, positive)
    # Trapezoids under the curve: each group of equal scores adds one.
    widths = np.diff(alarms, axis=1, prepend=0)
    heights = hits - np.diff(hits, axis=1, prepend=0) / 2
    return _divided((widths * heights).sum(axis=1), hits[:, -1] * alarms[:, -1])


def average_precision(weights: Floats, scores: Floats, positive: Flags) -> Floats:
    """The mean precision over the steps of sensitivity, without interpolation."""
    hits, alarms = _cumulated(weights, scores, positive)
    precision = _divided(hits, hits + alarms)
    steps = np.diff(hits, axis=1, prepend=0)
    return _divided(np.nansum(steps * precision, axis=1), hits[:, -1])


def specificity_at(
    weights: Floats, scores: Floats, positive: Flags, *, sensitivity: float
) -> Floats:
    """The specificity at the highest threshold that reaches a sensitivity on these very images."""
    hits, alarms = _cumulated(weights, scores, positive)
    reached = hits >= sensitivity * hits[:, -1:] - 1e-9
    place = reached.argmax(axis=1)
    alarms_there = np.take_along_axis(alarms, place[:, None], axis=1)[:, 0]
    specificity = 1 - _divided(alarms_there, alarms[:, -1])
    return np.where(hits[:, -1] > 0, specificity, np.nan)


def risk_coverage_area(weights: Floats, confidence: Floats, wrong: Flags) -> Floats:
    """The mean error over all shares of the images, most confident first.

    Geifman and El-Yaniv, Selective classification for deep neural networks, NeurIPS 2017.
    """
    errors, rights = _cumulated(weights, confidence, wrong)
    seen = errors + rights
    steps = np.diff(seen, axis=1, prepend=0)
    return _divided(np.nansum(steps * _divided(errors, seen), axis=1), seen[:, -1])


def net_benefit(weights: Floats, scores: Floats, positive: Flags, *, thresholds: Floats) -> Floats:
    """True positives less false positives at the threshold's odds, per image (R, T).

    Vickers and Elkin, Decision curve analysis, Medical Decision Making 26, 2006.
    """
    odds = thresholds / (1 - thresholds)
    worth = np.where(positive[:, None], 1.0, -odds[None, :])
    called = scores[:, None] >= thresholds[None, :]
    benefit: Floats = weights @ (called * worth) / weights.sum(axis=1, keepdims=True)
    return benefit


def one_hot(labels: Labels, classes: int) -> Floats:
    """Class indices (N,) as 0 and 1, (N, C)."""
    encoded: Floats = np.eye(classes)[labels]
    return encoded


def mean_of_defined(values: Floats) -> Floats:
    """The mean (R,) over what is not NaN in each row (R, K)."""
    defined = np.isfinite(values)
    return _divided(np.where(defined, values, 0).sum(axis=1), defined.sum(axis=1).astype(float))


def _cumulated(weights: Floats, scores: Floats, positive: Flags) -> tuple[Floats, Floats]:
    """Weight of positives and of negatives at or above each distinct score, highest first."""
    order = np.argsort(-scores, kind="stable")
    ordered = weights[:, order]
    last_of_equals = np.append(np.flatnonzero(np.diff(scores[order])), len(order) - 1)
    hits = np.cumsum(ordered * positive[order], axis=1)[:, last_of_equals]
    seen = np.cumsum(ordered, axis=1)[:, last_of_equals]
    return hits, seen - hits


def _divided(part: Floats, whole: Floats) -> Floats:
    quotient: Floats = np.divide(part, whole, out=np.full_like(part, np.nan), where=whole > 0)
    return quotient
