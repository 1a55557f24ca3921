"""Intervals by resampling lesions: images of one lesion are not independent.

The cluster bootstrap (Field and Welsh, J. R. Stat. Soc. B 69, 2007): lesions are drawn with
replacement, each with all its images. A resample is kept as weights, how often each image is in it,
so a thousand resamples cost a few matrix products instead of a thousand copies of the data.

Two models are compared on the same resamples: ``between(second.values(m) - first.values(m))`` of
two ``Resamples`` of the same lesions and seed is the interval of their paired difference.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.training.measures import Flags, Floats, Labels

RESAMPLES = 1000
BLOCK = 100  # resamples in memory at a time as floating point
OUTSIDE = 0.05
DEFINED = 0.9  # of the resamples, for an interval to mean anything

# From weights (R, N) to the values of a measure, (R,) or (R, K); NaN where it is undefined.
Measure = Callable[[Floats], Floats]
Interval = list[float] | None


@dataclass(frozen=True)
class Resamples:
    """How often each of N images counts (R, N), and the lesion (N,) each belongs to."""

    counts: NDArray[np.uint8]
    lesions: Labels

    @classmethod
    def of_lesions(
        cls, lesion_ids: Sequence[str], *, seed: int, count: int = RESAMPLES
    ) -> "Resamples":
        """``count`` draws of as many lesions as there are; the same for the same ids and seed."""
        position = {lesion: index for index, lesion in enumerate(dict.fromkeys(lesion_ids))}
        lesions = np.array([position[lesion] for lesion in lesion_ids], dtype=np.int64)
        random = np.random.default_rng(seed)
        counts = np.empty((count, len(lesions)), dtype=np.uint8)
        for row in range(count):
            drawn = random.integers(len(position), size=len(position))
            counts[row] = np.bincount(drawn, minlength=len(position)).clip(max=255)[lesions]
        return cls(counts, lesions)

    def rows(self, rows: NDArray[np.int64]) -> "Resamples":
        """The same draws, as they fall on some of the images."""
        return Resamples(self.counts[:, rows], self.lesions[rows])

    def estimate(self, measure: Measure) -> Floats:
        """The measure on the images as they are: a scalar (as an array) or (K,)."""
        estimate: Floats = measure(np.ones((1, len(self.lesions))))[0]
        return estimate

    def values(self, measure: Measure) -> Floats:
        """The measure on each resample, (R,) or (R, K)."""
        starts = range(0, len(self.counts), BLOCK)
        return np.concatenate(
            [measure(self.counts[start : start + BLOCK].astype(np.float64)) for start in starts]
        )

    def measured(self, name: str, measure: Measure) -> dict[str, Any]:
        """The estimate under ``name`` and its 95 % interval under ``name_interval``."""
        return {
            name: rounded(self.estimate(measure)),
            f"{name}_interval": between(self.values(measure)),
        }

    def shares(self, part: Flags | Floats, whole: Flags | Floats) -> list[tuple[Any, Interval]]:
        """The share of ``part`` in ``whole``, both (N, K), with its interval, for each column.

        Where all or none of the whole belong to the part, resampling knows no other outcome; the
        interval is then the exact binomial one of as many lesions (Clopper and Pearson, 1934).
        """
        parts, wholes = part.astype(np.float64), whole.astype(np.float64)

        def measure(weights: Floats) -> Floats:
            return ratio(weights, parts, wholes)

        estimates, values = self.estimate(measure), self.values(measure)
        found: list[tuple[Any, Interval]] = []
        for column, estimate in enumerate(estimates):
            if estimate in {0.0, 1.0}:
                lesions = len(np.unique(self.lesions[wholes[:, column] > 0]))
                interval: Interval = _exact(lesions, all_of_them=estimate == 1)
            else:
                interval = between(values[:, column])
            found.append((rounded(estimate), interval))
        return found

    def share(self, name: str, part: Flags | Floats, whole: Flags | Floats) -> dict[str, Any]:
        """One share (N,) in (N,), laid out as ``measured`` does."""
        [(value, interval)] = self.shares(part[:, None], whole[:, None])
        return {name: value, f"{name}_interval": interval}


def ratio(weights: Floats, part: Floats, whole: Floats) -> Floats:
    """The weighted sum of ``part`` over that of ``whole``; NaN where the latter is 0."""
    below = weights @ whole
    quotient: Floats = np.divide(
        weights @ part, below, out=np.full_like(below, np.nan), where=below > 0
    )
    return quotient


def between(values: Floats) -> Interval:
    """The 2.5th and 97.5th percentile of a measure's values (R,); None where that says nothing."""
    defined = values[np.isfinite(values)]
    if len(defined) < len(values) * DEFINED:
        return None  # too few images of some kind
    low, high = np.percentile(defined, (100 * OUTSIDE / 2, 100 - 100 * OUTSIDE / 2))
    return [rounded(low), rounded(high)] if high > low else None


def rounded(value: Any) -> Any:
    """To four places; None for what is undefined."""
    return None if value is None or not np.isfinite(value) else round(float(value), 4)


def _exact(lesions: int, *, all_of_them: bool) -> list[float]:
    bound = (OUTSIDE / 2) ** (1 / lesions)
    return [rounded(bound), 1.0] if all_of_them else [0.0, rounded(1 - bound)]
