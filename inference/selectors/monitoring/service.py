"""How much came in, how long it took, what failed, what waits."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    Aggregate,
    Count,
    DurationField,
    ExpressionWrapper,
    F,
    FloatField,
    Min,
    Q,
    Value,
)
from django.db.models.functions import Cast, Extract, TruncDay, TruncWeek
from django.utils import timezone

from clinic.selectors.statistics.period import Period
from inference.models import Precedence, PredictionState
from inference.selectors.monitoring.scope import CAME_IN, Scope

# Longer periods are shown week by week.
DAILY_WEEKS = 4
MOST_REASONS = 8
ANSWERED = Q(state=PredictionState.SUCCEEDED)
# A data set that is imported may wait: nobody stands before the screen.
WAITED_FOR = ANSWERED & Q(precedence=Precedence.PERSON_WAITS)


class Percentiles(Aggregate):
    """Median and 95th percentile, by PostgreSQL's percentile_cont."""

    function = "percentile_cont"
    template = "%(function)s(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = ArrayField(FloatField())


@dataclass(frozen=True)
class Latency:
    """In seconds; from being queued to a worker's hand, and from there to the answer."""

    wait: float
    wait_95: float
    duration: float
    duration_95: float


@dataclass(frozen=True)
class Volume:
    """One day, one week or the whole period. `waited_for` answers are what `latency` is over."""

    answered: int = 0
    failed: int = 0
    waited_for: int = 0
    slow: int = 0
    latency: Latency | None = None

    @property
    def finished(self) -> int:
        """Answered or failed."""
        return self.answered + self.failed


@dataclass(frozen=True)
class Queue:
    """What waits now. `oldest` is that of the rows that a worker might take."""

    waiting: int
    running: int
    oldest: datetime | None

    @property
    def age(self) -> timedelta:
        """How long the oldest row has waited."""
        return timezone.now() - self.oldest if self.oldest else timedelta()


@dataclass(frozen=True)
class Service:
    """`steps` are every day or week of the period, oldest first, also those without any image."""

    is_daily: bool
    steps: dict[date, Volume]
    whole: Volume
    reasons: dict[str, int]
    queue: Queue


def service_figures(scope: Scope, *, slow_seconds: float) -> Service:
    """In four queries. `slow_seconds`: a longer wait counts as slow."""
    is_daily = scope.period.weeks <= DAILY_WEEKS
    truncate = TruncDay if is_daily else TruncWeek
    counted = _counted(scope.finished().annotate(step=truncate("finished_at")), slow_seconds)
    found = {
        timezone.localtime(row["step"]).date(): _volume(row)
        for row in counted.values("step", *COLUMNS)
    }
    return Service(
        is_daily=is_daily,
        steps={day: found.get(day, Volume()) for day in _steps(scope.period, is_daily=is_daily)},
        whole=volume_since(scope, scope.period.starts_at, slow_seconds=slow_seconds),
        reasons=_reasons(scope),
        queue=queue_of(scope),
    )


def volume_since(scope: Scope, moment: datetime, *, slow_seconds: float) -> Volume:
    """What was finished since then, as one."""
    rows = scope.predictions().filter(finished_at__gte=moment).annotate(step=Value(1))
    found = list(_counted(rows, slow_seconds).values(*COLUMNS))
    return _volume(found[0]) if found else Volume()


def queue_of(scope: Scope) -> Queue:
    """One query over the rows that are not finished."""
    due = Q(not_before__isnull=True) | Q(not_before__lte=timezone.now())
    waiting = Q(state=PredictionState.QUEUED)
    counts = (
        scope.predictions()
        .filter(state__in=[PredictionState.QUEUED, PredictionState.RUNNING])
        .aggregate(
            waiting=Count("pk", filter=waiting),
            running=Count("pk", filter=Q(state=PredictionState.RUNNING)),
            oldest=Min("queued_at", filter=waiting & due & CAME_IN),
        )
    )
    return Queue(**counts)


COLUMNS = ("answered", "failed", "waited_for", "slow", "wait", "duration")


def _counted(rows: Any, slow_seconds: float) -> Any:  # a QuerySet with a step, and its groups
    duration = Cast("duration_ms", FloatField()) / 1000.0
    # Not `started_at`: the answer's own clock says how long the wait before it was.
    whole = ExpressionWrapper(F("finished_at") - F("queued_at"), output_field=DurationField())
    wait = Cast(Extract(whole, "epoch"), FloatField()) - duration
    return (
        rows.annotate(duration_s=duration, wait_s=wait)
        .values("step")
        .annotate(
            answered=Count("pk", filter=ANSWERED),
            failed=Count("pk", filter=Q(state=PredictionState.FAILED)),
            waited_for=Count("pk", filter=WAITED_FOR),
            slow=Count("pk", filter=WAITED_FOR & Q(wait_s__gt=slow_seconds)),
            wait=Percentiles("wait_s", filter=WAITED_FOR),
            duration=Percentiles("duration_s", filter=WAITED_FOR),
        )
    )


def _volume(row: dict[str, Any]) -> Volume:
    wait, duration = row["wait"], row["duration"]
    latency = (
        Latency(max(0.0, wait[0]), max(0.0, wait[1]), *duration) if wait and duration else None
    )
    return Volume(row["answered"], row["failed"], row["waited_for"], row["slow"], latency)


def _reasons(scope: Scope) -> dict[str, int]:
    rows = (
        scope.finished()
        .filter(state=PredictionState.FAILED)
        .values("reason")
        .annotate(n=Count("pk"))
        .order_by("-n", "reason")[:MOST_REASONS]
    )
    return {row["reason"]: row["n"] for row in rows}


def _steps(period: Period, *, is_daily: bool) -> Iterable[date]:
    if not is_daily:
        return period.mondays
    days = (timezone.localdate() - period.first_day).days + 1
    return [period.first_day + timedelta(days=day) for day in range(days)]
