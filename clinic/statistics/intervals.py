"""Estimates with 95 % intervals: proportions and balanced accuracy."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

# The 97.5 % quantile of the normal distribution.
Z95 = 1.959963984540054


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95 % interval, all from 0 to 1 (kappa: -1 to 1), over `n` observations."""

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class Tally:
    """`hits` of `n`: 7 of 9 melanomas were called so."""

    hits: int = 0
    n: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.hits <= self.n:
            msg = f"{self.hits} of {self.n} is not a proportion."
            raise ValueError(msg)


def wilson_interval(tally: Tally) -> Estimate | None:
    """A proportion with Wilson's score interval; None of nothing.

    Wilson 1927, J Am Stat Assoc 22:209; without continuity correction, which is method 3 of
    Newcombe 1998, Stat Med 17:857. It stays within 0 and 1 and says something about 0 of 5 too.
    """
    if tally.n == 0:
        return None
    n, share = tally.n, tally.hits / tally.n
    shrink = 1 + Z95**2 / n
    centre = (share + Z95**2 / (2 * n)) / shrink
    half = Z95 * sqrt(share * (1 - share) / n + Z95**2 / (4 * n**2)) / shrink
    # Rounding must not put 0 of 5 outside its own interval.
    low = 0.0 if tally.hits == 0 else centre - half
    high = 1.0 if tally.hits == n else centre + half
    return Estimate(share, low, high, n)


def balanced_accuracy(recalls: Iterable[Tally]) -> Estimate | None:
    """The mean of the classes' recalls; None where no class has an observation.

    The interval is a normal one from the sum of the classes' binomial variances, which are
    independent because the number of each class is given: SE = sqrt(sum of p(1 - p)/n) / classes.
    A class that was always or never recognised has a plain variance of 0, as if that were certain;
    so the p in the variance (not in the mean) is that of Agresti & Coull 1998, Am Stat 52:119, with
    two hits and two misses added. Cut at 0 and 1.
    """
    seen = [tally for tally in recalls if tally.n]
    if not seen:
        return None
    value = sum(tally.hits / tally.n for tally in seen) / len(seen)
    half = Z95 * sqrt(sum(_variance(tally) for tally in seen)) / len(seen)
    low, high = max(0.0, value - half), min(1.0, value + half)
    return Estimate(value, low, high, sum(tally.n for tally in seen))


def _variance(tally: Tally) -> float:
    share = (tally.hits + 2) / (tally.n + 4)
    return share * (1 - share) / tally.n
