"""A classifier's answers beside the truth: what every measure of a report is made from."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from inference.engine.decisions import called_classes, likeliest_classes
from inference.engine.package import Calibration, ModelClass
from inference.training.measures import Flags, Floats, Labels
from inference.training.records import Record


@dataclass(frozen=True)
class Predictions:
    """Probabilities (N, C) in the order of ``classes`` for the N labelled ``records``.

    ``calibration`` says which class they call, where that is not always the likeliest.
    """

    classes: Sequence[ModelClass]
    records: Sequence[Record]
    probabilities: Floats
    labels: Labels
    calibration: Calibration = field(default_factory=Calibration)

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
    def called(self) -> Labels:
        """The class (N,) that the package says the image shows."""
        return called_classes(self.probabilities, self.classes, self.calibration)

    @property
    def likeliest(self) -> Labels:
        """The most probable class (N,)."""
        return likeliest_classes(self.probabilities, self.classes)

    @property
    def confidence(self) -> Floats:
        """The likeliest class's probability (N,)."""
        highest: Floats = self.probabilities.max(axis=1)
        return highest

    def chosen(self, rows: NDArray[np.int64]) -> "Predictions":
        return replace(
            self,
            records=[self.records[row] for row in rows],
            probabilities=self.probabilities[rows],
            labels=self.labels[rows],
        )
