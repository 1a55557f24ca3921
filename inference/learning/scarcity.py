"""Picks from groups of which few cases are labelled: skin type, body site, sex, class."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from inference.learning.candidates import Candidates, Floats, Labelled, Subgroups

UNKNOWN = ""


class _Attribute:
    """One attribute: which group each candidate is in (-1: unknown), how many are labelled."""

    def __init__(self, name: str, candidates: Subgroups, labelled: Subgroups) -> None:
        waiting = [row.get(name, UNKNOWN) for row in candidates]
        known = [row.get(name, UNKNOWN) for row in labelled]
        groups = sorted({*waiting, *known} - {UNKNOWN})
        place = {group: index for index, group in enumerate(groups)}
        self.codes = _codes(waiting, place)
        counted = _codes(known, place)
        self.counts = np.bincount(counted[counted >= 0], minlength=len(groups)).astype(np.float64)

    def scores(self) -> Floats:
        """0 where a group has its even share of the labels or more, 1 where it has none."""
        if not len(self.counts):
            return np.zeros(len(self.codes))
        # The last place is for what is unknown: never scarce.
        return np.append(lacking(self.counts), 0.0)[self.codes]

    def take(self, index: int) -> None:
        if self.codes[index] >= 0:
            self.counts[self.codes[index]] += 1


def lacking(counts: Floats) -> Floats:
    """By how much of its even share each group falls short: 1 without any case, 0 at the share."""
    share = max(counts.sum() / len(counts), 1.0)
    short: Floats = np.clip(1 - counts / share, 0, 1)
    return short


def scarce_first(
    candidates: Candidates, labelled: Labelled, count: int, *, allowed: NDArray[np.bool_]
) -> list[int]:
    """Up to ``count`` indices from the scarcest groups; fewer where nothing is scarce any more.

    A candidate scores by the mean over its attributes and over the classes that it may be of.
    Each pick counts as labelled for those after it, so that one group does not take all places. Of
    equals the first is taken.
    """
    names = sorted({name for row in candidates.subgroups for name in row})
    attributes = [_Attribute(name, candidates.subgroups, labelled.subgroups) for name in names]
    wide = candidates.probabilities.shape[1]
    classes = np.bincount(labelled.labels, minlength=wide).astype(np.float64)
    left = allowed.copy()
    picked: list[int] = []
    while len(picked) < count and left.any():
        scores = sum(
            (attribute.scores() for attribute in attributes),
            start=_expected(candidates.probabilities, lacking(classes)),
        )
        index = int(np.argmax(np.where(left, scores, -1.0)))
        if scores[index] <= 0:
            break
        picked.append(index)
        left[index] = False
        classes += candidates.probabilities[index]
        for attribute in attributes:
            attribute.take(index)
    return picked


def _expected(probabilities: Floats, scores: Floats) -> Floats:
    """The score of the class that a candidate may be of, on average."""
    mean: Floats = probabilities @ scores
    return mean


def _codes(values: Sequence[str], place: dict[str, int]) -> NDArray[np.int64]:
    return np.array([place.get(value, -1) for value in values], dtype=np.int64)
