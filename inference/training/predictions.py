"""A classifier's answers beside the truth: what every measure of a report is made from."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.engine.package import ModelClass
from inference.training.measures import Flags, Floats, Labels
from inference.training.records import Record


@dataclass(frozen=True)
class Predictions:
    """Probabilities (N, C) in the order of ``classes`` for the N labelled ``records``."""

    classes: Sequence[ModelClass]
    records: Sequence[Record]
    probabilities: Floats
    labels: Labels

    @property
    def codes(self) -> list[str]:
        return [entry.code for entry in self.classes]

    @property
    def counts_as_malignant(self) -> Flags:
        """Which classes (C,) count as malignant."""
        return np.array([entry.counts_as_malignant for entry in self.classes])

    @property
    def malignant(self) -> Flags:
        """The truth (N,)."""
        return self.counts_as_malignant[self.labels]

    @property
    def malignancy(self) -> Floats:
        """The summed probability (N,) of the classes that count as malignant."""
        total: Floats = self.probabilities[:, self.counts_as_malignant].sum(axis=1)
        return total

    @property
    def predicted(self) -> Labels:
        """The likeliest class (N,)."""
        likeliest: Labels = self.probabilities.argmax(axis=1)
        return likeliest

    @property
    def confidence(self) -> Floats:
        """The likeliest class's probability (N,)."""
        highest: Floats = self.probabilities.max(axis=1)
        return highest

    @property
    def right(self) -> Flags:
        """Where the likeliest class is the true one (N,)."""
        return np.asarray(self.predicted == self.labels)

    def chosen(self, rows: NDArray[np.int64]) -> "Predictions":
        records = [self.records[row] for row in rows]
        return Predictions(self.classes, records, self.probabilities[rows], self.labels[rows])
