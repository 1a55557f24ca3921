"""The measures of both models, and the difference between them."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from inference.comparison.contest import Contest, Side
from inference.comparison.differences import Difference, difference
from inference.training.measures import Flags, Floats, expected_calibration_error
from inference.training.resampling import Measure, Resamples, between, ratio, rounded
from inference.training.weighted_measures import (
    area_under_roc,
    balanced_accuracy,
    mean_of_defined,
)

BALANCED_ACCURACY, SENSITIVITY = "balanced_accuracy", "sensitivity"
# From one side of a contest to what it is measured by.
OfSide = Callable[[Contest, Side], Measure]


def measures(contest: Contest, sampled: Resamples) -> list[dict[str, Any]]:
    """Each measure of both models and their difference; what is undefined is None."""
    return [
        {
            "key": key,
            "lower_is_better": key == "brier",
            "images": int(images(contest).sum()),
            **compared(contest, sampled, of_side, images(contest)),
        }
        for key, of_side, images in MEASURES
    ] + [_calibration(contest)]


def compared(
    contest: Contest, sampled: Resamples, of_side: OfSide, images: Flags | None = None
) -> dict[str, Any]:
    """One measure of both and the difference, as a report has it."""
    found: dict[str, Any] = {}
    estimates: list[float] = []
    values: list[Floats] = []
    nothing = images is not None and not images.any()
    for name, side in contest.sides.items():
        measure = _undefined if nothing else of_side(contest, side)
        estimates.append(float(sampled.estimate(measure)))
        values.append(sampled.values(measure))
        found[name] = rounded(estimates[-1])
        found[f"{name}_interval"] = between(values[-1])
    apart = difference(estimates[0] - estimates[1], values[0] - values[1])
    return found | as_json(apart)


def as_json(apart: Difference | None) -> dict[str, Any]:
    """A difference's part of a report."""
    if apart is None:
        return {"difference": None, "difference_interval": None, "difference_lower": None}
    return {
        "difference": apart.value,
        "difference_interval": list(apart.interval),
        "difference_lower": apart.lower,
    }


def recalls(contest: Contest, sampled: Resamples) -> list[dict[str, Any]]:
    """How much of each class is called so, by both."""
    found = []
    for index, code in enumerate(contest.classes):
        images = contest.labels == index
        of_side = partial(_share_called, index=index)
        found.append(
            {"label": code, "images": int(images.sum()), **compared(contest, sampled, of_side)}
        )
    return found


def of_accuracy(contest: Contest, side: Side) -> Measure:
    """Balanced accuracy of the class called."""
    return partial(balanced_accuracy, predicted=side.called, labels=contest.labels)


def of_sensitivity(contest: Contest, side: Side) -> Measure:
    """The share of the malignant images that reach the model's own operating point."""
    if side.contender.threshold is None:
        return _undefined
    return _share(side.marked & contest.malignant, contest.malignant)


def _of_specificity(contest: Contest, side: Side) -> Measure:
    if side.contender.threshold is None:
        return _undefined
    return _share(side.answered & ~side.marked & contest.benign, contest.benign)


def _of_malignancy_area(contest: Contest, side: Side) -> Measure:
    judged = _comparable(contest)

    def measure(weights: Floats) -> Floats:
        return area_under_roc(
            weights[:, judged], side.malignancy[judged], contest.malignant[judged]
        )

    return measure


def _of_macro_area(contest: Contest, side: Side) -> Measure:
    """Over the classes that both models know: what one was never asked is not compared."""
    known = set(contest.candidate.contender.codes) & set(contest.champion.contender.codes)
    places = [place for place, code in enumerate(contest.classes) if code in known]
    here = contest.both_answered

    def measure(weights: Floats) -> Floats:
        areas = [
            area_under_roc(
                weights[:, here], side.probabilities[here, place], contest.labels[here] == place
            )
            for place in places
        ]
        return mean_of_defined(np.stack(areas, axis=1)) if areas else _undefined(weights)

    return measure


def _of_brier(contest: Contest, side: Side) -> Measure:
    judged = _comparable(contest).astype(np.float64)
    squared = (side.malignancy - contest.malignant) ** 2 * judged

    def measure(weights: Floats) -> Floats:
        return ratio(weights, squared[:, None], judged[:, None])[:, 0]

    return measure


def _calibration(contest: Contest) -> dict[str, Any]:
    """Expected calibration error of malignancy; it has no honest interval by resampling."""
    judged = _comparable(contest)
    found: dict[str, Any] = {
        "key": "calibration",
        "lower_is_better": True,
        "images": int(judged.sum()),
    }
    for name, side in contest.sides.items():
        error = (
            expected_calibration_error(side.malignancy[judged], contest.malignant[judged])
            if judged.any()
            else float("nan")
        )
        found |= {name: rounded(error), f"{name}_interval": None}
    return found | as_json(None)


def _share_called(contest: Contest, side: Side, *, index: int) -> Measure:
    images = contest.labels == index
    return _share((side.called == index) & images, images)


def _share(part: Flags, whole: Flags) -> Measure:
    parts, wholes = part.astype(np.float64)[:, None], whole.astype(np.float64)[:, None]

    def measure(weights: Floats) -> Floats:
        return ratio(weights, parts, wholes)[:, 0]

    return measure


def _comparable(contest: Contest) -> Flags:
    """Either malignant or benign, with a probability by both."""
    comparable: Flags = (contest.malignant | contest.benign) & contest.both_answered
    return comparable


def _everything(contest: Contest) -> Flags:
    return np.ones(len(contest.images), dtype=bool)


def _undefined(weights: Floats) -> Floats:
    return np.full(len(weights), np.nan)


MEASURES: tuple[tuple[str, OfSide, Callable[[Contest], Flags]], ...] = (
    (BALANCED_ACCURACY, of_accuracy, _everything),
    (SENSITIVITY, of_sensitivity, lambda contest: contest.malignant),
    ("specificity", _of_specificity, lambda contest: contest.benign),
    ("malignancy_auc", _of_malignancy_area, _comparable),
    ("macro_auc", _of_macro_area, lambda contest: contest.both_answered),
    ("brier", _of_brier, _comparable),
)  # fmt: skip
