"""Everything that the monitoring page shows of one scope."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

from clinic.selectors.statistics.period import last_weeks
from clinic.statistics.intervals import Tally
from inference.models import AlertMeasure
from inference.monitoring.thresholds import (
    Finding,
    Thresholds,
    agreement_finding,
    calibration_finding,
    drift_finding,
    present,
    queue_finding,
    share_finding,
    wait_finding,
)
from inference.selectors.monitoring.drift import (
    Drift,
    Outputs,
    called_drift,
    input_drift,
    output_figures,
)
from inference.selectors.monitoring.expected import FEATURE, SIDE, Expected, expected_of
from inference.selectors.monitoring.scope import Scope
from inference.selectors.monitoring.service import (
    Service,
    queue_of,
    service_figures,
    volume_since,
)
from inference.selectors.monitoring.signed import SignedFigures, signed_figures

# Fewer images are counted anew at each visit.
KEPT_FROM = 10_000
KEPT_SECONDS = 10 * 60


@dataclass(frozen=True)
class Answers:
    """What came in and what was said of it. `expected` is None while there is no reference."""

    expected: Expected | None
    drifts: list[Drift]
    whole: Outputs
    weekly: dict[date, Outputs]


@dataclass(frozen=True)
class Monitoring:
    """Counted at `counted_at`, in at most ten queries."""

    scope: Scope
    counted_at: datetime
    service: Service
    answers: Answers
    signed: SignedFigures


def thresholds() -> Thresholds:
    """Those of the installation."""
    given: dict[str, Any] = settings.MONITORING
    return Thresholds(**given)


def monitoring_picture(scope: Scope) -> Monitoring:
    """All figures of a scope.

    Where many images were answered they are kept for ten minutes, for everybody who may see the
    scope: nothing else in it depends on the person.
    """
    whose = scope.organisation.pk if scope.organisation else "all"
    key = (
        f"monitoring:1:{scope.model.pk}:{whose}:{scope.period.first_day}:{scope.period.weeks}"
        f":{scope.closed_only}"
    )
    kept: Monitoring | None = cache.get(key)
    if kept is None:
        kept = _counted(scope)
        if kept.service.whole.finished >= KEPT_FROM:
            cache.set(key, kept, KEPT_SECONDS)
    return kept


def _counted(scope: Scope) -> Monitoring:
    return Monitoring(
        scope=scope,
        counted_at=timezone.now(),
        service=service_figures(scope, slow_seconds=thresholds().wait_seconds),
        answers=_answers(scope),
        signed=signed_figures(scope),
    )


def findings_of(scope: Scope, limits: Thresholds) -> list[Finding]:
    """What lies beyond its threshold now, each over the weeks that the settings give it."""
    since = timezone.now() - timedelta(days=limits.service_days)
    volume = volume_since(scope, since, slow_seconds=limits.wait_seconds)
    queue = queue_of(scope)
    answers = _answers(replace(scope, period=last_weeks(limits.drift_weeks)))
    signed = signed_figures(replace(scope, period=last_weeks(limits.signed_weeks)))
    groups = {"": signed.whole, **signed.subgroups}
    return present(
        [
            queue_finding(queue.age.total_seconds(), queue.waiting, limits),
            wait_finding(
                Tally(volume.slow, volume.waited_for),
                volume.latency.wait_95 if volume.latency else 0.0,
                limits,
            ),
            share_finding(
                "failures", Tally(volume.failed, volume.finished), limits.failed_share,
                "of the images got no answer",
            ),
            share_finding(
                "unlike", answers.whole.unlike, limits.unlike_share,
                "of the images are unlike the training images",
            ),
            *(_drift_finding(drift, limits) for drift in answers.drifts),
            *(
                calibration_finding(one.predicted, one.malignant, limits, subgroup=name)
                for name, one in groups.items()
            ),
            *(agreement_finding(one.answer, limits, subgroup=name) for name, one in groups.items()),
        ]
    )  # fmt: skip


def _drift_finding(drift: Drift, limits: Thresholds) -> Finding | None:
    """A larger camera is no reason for an alarm: the network is given the same size of picture."""
    if drift.measure == SIDE:
        return None
    if drift.measure.startswith(FEATURE):
        direction = f"direction {drift.measure.removeprefix(FEATURE)}"
        name = f"{AlertMeasure.FEATURES.label}, {direction},"
        return drift_finding("features", name, drift.whole, limits, subgroup=direction)
    name = str(AlertMeasure(drift.measure).label)
    return drift_finding(drift.measure, name, drift.whole, limits)


def _answers(scope: Scope) -> Answers:
    expected = expected_of(scope)
    whole, weekly = output_figures(scope)
    drifts: list[Drift] = []
    if expected is not None:
        codes = [kind["code"] for kind in scope.model.classes]
        drifts = [
            *input_drift(scope, expected),
            called_drift(expected, weekly, codes),
        ]
    return Answers(expected, drifts, whole, weekly)
