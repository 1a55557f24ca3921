"""Has a distribution changed? The population stability index, and what chance alone makes of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

from inference.monitoring.noncentral import noncentrality_at

# Credit scoring's rule of thumb (Siddiqi 2006, Credit Risk Scorecards, chapter 10).
SOME_CHANGE = 0.1
CHANGED = 0.25
# Below this many images in a period the interval is wider than the thresholds, and the normal
# approximations behind it are poor.
FEWEST = 50
# Added to every bin (Krichevsky & Trofimov 1981, IEEE Trans Inf Theory 27:199): an empty bin would
# make the index infinite.
PSEUDO_COUNT = 0.5
LOW, HIGH = 0.025, 0.975


@dataclass(frozen=True)
class Stability:
    """How far a period's counts lie from the reference's.

    `value` is the index less what chance adds to it, never below 0; `raw` the index itself. `low`
    and `high` are the 95 % interval of the true one. `n` images in the period, `reference` in the
    reference.
    """

    value: float
    low: float
    high: float
    raw: float
    n: int
    reference: int

    @property
    def verdict(self) -> str:
        """changed or some_change where all of the interval says so, else stable."""
        if self.low > CHANGED:
            return "changed"
        return "some_change" if self.low > SOME_CHANGE else "stable"


def stability(reference: Sequence[int], period: Sequence[int]) -> Stability | None:
    """Compare counts in the same bins; None below fifty images on either side.

    PSI = sum of (q - p) ln(q / p). Without any change PSI / (1/N + 1/M) is approximately chi-square
    with one degree of freedom less than there are bins (Yurdakul & Naranjo 2020, J Risk Model
    Validation 14(4):89), and with a change it is noncentral. So the index is about
    (bins - 1)(1/N + 1/M) too high: that is subtracted, and the interval holds the noncentralities
    at which the index found is neither among the 2.5 % lowest nor the 2.5 % highest.
    """
    if len(reference) != len(period):
        msg = f"{len(period)} bins cannot be compared with {len(reference)}."
        raise ValueError(msg)
    n, m = sum(reference), sum(period)
    if min(n, m) < FEWEST or len(reference) < 2:
        return None
    raw = index(reference, period)
    scale, freedom = 1 / n + 1 / m, len(reference) - 1
    low, high = (
        scale * noncentrality_at(raw / scale, freedom, probability) for probability in (HIGH, LOW)
    )
    value = min(max(raw - freedom * scale, low), high)
    return Stability(value=value, low=low, high=high, raw=raw, n=m, reference=n)


def index(reference: Sequence[int], period: Sequence[int]) -> float:
    """The population stability index of counts in the same bins."""
    shares = zip(_shares(reference), _shares(period), strict=True)
    return sum((q - p) * log(q / p) for p, q in shares)


def _shares(counts: Sequence[int]) -> list[float]:
    total = sum(counts) + PSEUDO_COUNT * len(counts)
    return [(count + PSEUDO_COUNT) / total for count in counts]
