"""What is counted of two models over a time: agreement, right and wrong, how fast."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from clinic.statistics.figures import Figure, kappa_figure, proportion_figure
from clinic.statistics.intervals import Tally


@dataclass
class Side:
    """One model's figures over the images of a time: against what was signed, and how fast."""

    found: Tally = field(default_factory=Tally)
    cleared: Tally = field(default_factory=Tally)
    median_ms: float | None = None
    late_ms: float | None = None

    @property
    def sensitivity(self) -> Figure:
        """Of the malignant images, those at or above its operating point."""
        return proportion_figure(self.found)

    @property
    def specificity(self) -> Figure:
        """Of the benign images, those below it."""
        return proportion_figure(self.cleared)


@dataclass
class Period:
    """A week of images, or all of them (`monday` is None).

    `apart` is the mean of the unseen model's malignancy less that of the one in service.
    """

    monday: date | None
    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)
    apart_sum: float = 0.0
    known: int = 0
    shadow: Side = field(default_factory=Side)
    active: Side = field(default_factory=Side)

    @property
    def images(self) -> int:
        """Answered by both."""
        return sum(self.pairs.values())

    @property
    def apart(self) -> float | None:
        """Mean difference in malignancy."""
        return self.apart_sum / self.images if self.images else None

    @property
    def agreement(self) -> Figure:
        """The share of images on which both call the same class."""
        same = sum(count for (one, other), count in self.pairs.items() if one == other)
        return proportion_figure(Tally(same, self.images))

    @property
    def kappa(self) -> Figure:
        """Cohen's kappa of the class called."""
        return kappa_figure(self.pairs)
