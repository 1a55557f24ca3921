"""Equal weights, fitted weights and mean ranks, each judged on lesions it was not fitted on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from inference.training.ensemble_weights import (
    class_shares,
    combined,
    equal_weights,
    fit_scale,
    fit_weights,
    log_losses,
    rank_scores,
)
from inference.training.measures import Floats, Labels, softmax
from inference.training.records import Record
from inference.training.resampling import Measure, Resamples, between, ratio
from inference.training.splits import group_records, k_fold
from inference.training.weighted_measures import area_under_roc, balanced_accuracy, mean_of_defined

FOLDS = 5
SEED = 7
RESAMPLES = 300
EQUAL, FITTED, RANKS = "equal weights", "fitted weights", "mean ranks"


@dataclass(frozen=True)
class Way:
    """One way to answer: its scores (N, C) and, unless they are ranks, log losses (N,)."""

    name: str
    scores: Floats
    losses: Floats | None

    def measures(self, labels: Labels) -> dict[str, Measure]:
        """What is measured of it, as functions of the images' weights."""
        predicted = self.scores.argmax(axis=1)
        found: dict[str, Measure] = {
            "balanced_accuracy": lambda weights: balanced_accuracy(weights, predicted, labels),
            "macro_auc": lambda weights: _macro_auc(weights, self.scores, labels),
        }
        if self.losses is not None:
            shares = class_shares(labels)
            lost = shares * self.losses
            found["log_loss"] = lambda weights: ratio(weights, lost[:, None], shares[:, None])[:, 0]
        return found


def compare_ways(
    logits: Floats, labels: Labels, records: Sequence[Record], names: Sequence[str]
) -> list[dict[str, Any]]:
    """Each member by itself and each way to join them, measured out of fold, with intervals.

    ``logits`` are validation logits (M, N, C), ``names`` the members'. Folds share no lesion; what
    is fitted (temperatures, weights, the population of the ranks) comes from the other folds. What
    a way gains over equal weights is measured on the same resamples of lesions. Log loss and
    balanced accuracy count every class alike.
    """
    lesions = [record.lesion_id for record in records]
    resamples = Resamples.of_lesions(lesions, seed=SEED, count=RESAMPLES)
    ways = _out_of_fold(logits, labels, lesion_folds(records), names)
    values = {
        way.name: {
            name: (resamples.estimate(measure), resamples.values(measure))
            for name, measure in way.measures(labels).items()
        }
        for way in ways
    }
    return [_entry(way.name, values[way.name], values[EQUAL]) for way in ways]


def fitted_is_better(comparison: Sequence[dict[str, Any]]) -> bool:
    """Whether fitted weights lose less than equal ones, by more than chance would have it."""
    (fitted,) = (entry for entry in comparison if entry["name"] == FITTED)
    interval = fitted["log_loss_over_equal_interval"]
    return interval is not None and interval[1] < 0


def lesion_folds(records: Sequence[Record]) -> Labels:
    """A fold (N,) for each record; those of one lesion or patient are in the same."""
    groups = group_records(records)
    fold_of = {
        image_id: fold
        for fold in range(FOLDS)
        for image_id in k_fold(records, groups, seed=SEED, folds=FOLDS, fold=fold).parts["test"]
    }
    return np.array([fold_of[record.image_id] for record in records])


def _out_of_fold(logits: Floats, labels: Labels, folds: Labels, names: Sequence[str]) -> list[Way]:
    """Members and ways, each image answered by what was fitted on the other folds."""
    members, images, classes = logits.shape
    scaled = {name: np.zeros((images, classes)) for name in (*names, EQUAL, FITTED)}
    ranks = np.zeros((images, classes))
    for fold in np.unique(folds):
        here, others = folds == fold, folds != fold
        known, truth = logits[:, others], labels[others]
        fits = dict(zip(names, np.eye(members), strict=True))
        fits |= {EQUAL: equal_weights(known, truth), FITTED: fit_weights(known, truth)}
        for name, weights in fits.items():
            scale = fit_scale(combined(known, weights), truth)
            scaled[name][here] = scale * combined(logits[:, here], weights)
        ranks[here] = rank_scores(logits[:, here], known)
    ways = [Way(name, softmax(found), log_losses(found, labels)) for name, found in scaled.items()]
    return [*ways, Way(RANKS, ranks, None)]


Values = dict[str, tuple[Floats, Floats]]  # of each measure: the estimate, and one a resample


def _entry(way: str, values: Values, equal: Values) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": way}
    for name, (estimate, resampled) in values.items():
        entry[name] = round(float(estimate), 4)
        entry[f"{name}_interval"] = between(resampled)
        if way != EQUAL:
            entry[f"{name}_over_equal"] = round(float(estimate - equal[name][0]), 4)
            entry[f"{name}_over_equal_interval"] = between(resampled - equal[name][1])
    return entry


def _macro_auc(weights: Floats, scores: Floats, labels: Labels) -> Floats:
    areas = [
        area_under_roc(weights, scores[:, index], labels == index)
        for index in range(scores.shape[1])
    ]
    return mean_of_defined(np.stack(areas, axis=1))
