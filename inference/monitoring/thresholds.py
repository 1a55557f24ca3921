"""What passes a threshold, and with how much certainty.

A finding is made where all of the 95 % interval lies beyond the threshold, so a few images do not
cry wolf. Of many measures some will still pass by chance: one in forty that lies just at its
threshold does.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from clinic.statistics.intervals import Estimate, Tally, wilson_interval
from inference.monitoring.stability import CHANGED, Stability

# The 95th percentile lies beyond a limit where more than a twentieth of the waits does.
ALLOWED_SLOW = 0.05


@dataclass(frozen=True)
class Thresholds:
    """Of the settings `MONITORING`; shares from 0 to 1, waits in seconds, windows in days."""

    queue_seconds: float = 600
    wait_seconds: float = 60
    failed_share: float = 0.05
    unlike_share: float = 0.1
    stability: float = CHANGED
    malignancy_gap: float = 0.1
    agreement: float = 0.6
    fewest_signed: int = 20
    service_days: int = 1
    drift_weeks: int = 4
    signed_weeks: int = 12


@dataclass(frozen=True)
class Finding:
    """A measure beyond its threshold. `low` and `high` are None where it is simply a fact."""

    measure: str
    value: float
    threshold: float
    n: int
    sentence: str
    subgroup: str = ""
    low: float | None = None
    high: float | None = None


def queue_finding(seconds: float, waiting: int, limits: Thresholds) -> Finding | None:
    """The longest wait that is not over."""
    if not waiting or seconds <= limits.queue_seconds:
        return None
    return Finding(
        "queue_age", seconds, limits.queue_seconds, waiting,
        f"The oldest of {waiting} queued images has waited {_minutes(seconds)}.",
    )  # fmt: skip


def wait_finding(slow: Tally, wait_95: float, limits: Thresholds) -> Finding | None:
    """Waits that were too long. The 95th percentile is tested by the share beyond the limit."""
    estimate = wilson_interval(slow)
    if estimate is None or estimate.low <= ALLOWED_SLOW:
        return None
    return Finding(
        "wait", wait_95, limits.wait_seconds, slow.n,
        f"{_percent(estimate)} of {slow.n} images waited longer than {limits.wait_seconds:g} s.",
    )  # fmt: skip


def share_finding(measure: str, tally: Tally, threshold: float, what: str) -> Finding | None:
    """A share that should be small: failures, images unlike the training images."""
    estimate = wilson_interval(tally)
    if estimate is None or estimate.low <= threshold:
        return None
    return Finding(
        measure, estimate.value, threshold, tally.n,
        f"{_percent(estimate)} {what} ({tally.hits} of {tally.n}).",
        low=estimate.low, high=estimate.high,
    )  # fmt: skip


def drift_finding(
    measure: str, name: str, found: Stability | None, limits: Thresholds, *, subgroup: str = ""
) -> Finding | None:
    """A distribution that has moved."""
    if found is None or found.low <= limits.stability:
        return None
    return Finding(
        measure, found.value, limits.stability, found.n,
        f"{name} moved: stability index {found.value:.2f} "
        f"({found.low:.2f} to {found.high:.2f}) over {found.n} images.",
        subgroup=subgroup, low=found.low, high=found.high,
    )  # fmt: skip


def calibration_finding(
    predicted: float | None, malignant: Tally, limits: Thresholds, *, subgroup: str = ""
) -> Finding | None:
    """The mean probability shown lies further from the share of malignant lesions than allowed."""
    share = wilson_interval(malignant)
    if predicted is None or share is None or malignant.n < limits.fewest_signed:
        return None
    if share.low - limits.malignancy_gap <= predicted <= share.high + limits.malignancy_gap:
        return None
    return Finding(
        "calibration", predicted, limits.malignancy_gap, malignant.n,
        f"The mean probability of malignancy was {100 * predicted:.0f} %, and {_percent(share)} of "
        f"{malignant.n} lesions were malignant.",
        subgroup=subgroup, low=share.low, high=share.high,
    )  # fmt: skip


def agreement_finding(agreed: Tally, limits: Thresholds, *, subgroup: str = "") -> Finding | None:
    """The class called is too seldom the one that was signed."""
    estimate = wilson_interval(agreed)
    if estimate is None or agreed.n < limits.fewest_signed or estimate.high >= limits.agreement:
        return None
    return Finding(
        "agreement", estimate.value, limits.agreement, agreed.n,
        f"The class called was the one signed for {_percent(estimate)} of {agreed.n} lesions.",
        subgroup=subgroup, low=estimate.low, high=estimate.high,
    )  # fmt: skip


def present(findings: Iterable[Finding | None]) -> list[Finding]:
    """Without those that are none."""
    return [finding for finding in findings if finding is not None]


def _percent(estimate: Estimate) -> str:
    return f"{100 * estimate.value:.0f} % ({100 * estimate.low:.0f} to {100 * estimate.high:.0f} %)"


def _minutes(seconds: float) -> str:
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h"
