"""Paired differences over resampled patients."""

from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from inference.training.measures import Floats
from inference.training.resampling import DEFINED, rounded

ONE_SIDED = 5.0  # per cent that may lie below the lower end


class Difference(NamedTuple):
    """Candidate less champion.

    `interval` is the two-sided 95 % one, `lower` the lower end of the one-sided 95 % one,
    `spread` the standard error; all by the percentiles of a paired cluster bootstrap.
    """

    value: float
    interval: tuple[float, float]
    lower: float
    spread: float


def difference(value: float, values: Floats) -> Difference | None:
    """Of the plain difference and those on each resample (R,); None where they say nothing."""
    defined = values[np.isfinite(values)]
    if not np.isfinite(value) or len(defined) < len(values) * DEFINED:
        return None
    low, high, lower = np.percentile(defined, (2.5, 97.5, ONE_SIDED))
    return Difference(
        rounded(value),
        (rounded(low), rounded(high)),
        rounded(lower),
        float(defined.std(ddof=1)),
    )


def simultaneous_upper(found: Difference, *, tests: int) -> float:
    """The upper end that holds for all of `tests` differences together with 95 % (Bonferroni).

    By the normal approximation: the percentiles so far out are beyond what resampling can say.
    """
    quantile = NormalDist().inv_cdf(1 - 0.05 / max(tests, 1))
    return float(rounded(found.value + quantile * found.spread))
