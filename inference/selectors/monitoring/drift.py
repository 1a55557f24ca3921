"""How far images, features and answers have moved from what is expected."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from math import sqrt
from typing import Any

from django.db import connection
from django.db.models import Avg, Count, Q, StdDev
from django.db.models.functions import Least, TruncWeek
from django.utils import timezone

from clinic.statistics.intervals import Z95, Estimate, Tally
from inference.engine.reference import IMAGE_MEASURES, MOST_DIRECTIONS, Histogram
from inference.monitoring.stability import Stability, stability
from inference.selectors.monitoring.expected import FEATURE, MALIGNANCY, SIDE, STATISTICS, Expected
from inference.selectors.monitoring.scope import Scope

UNLIKE = Q(strangeness__gt=1)


@dataclass(frozen=True)
class Drift:
    """One measure: the whole period, and week by week (None where there are too few images)."""

    measure: str
    whole: Stability | None
    weekly: dict[date, Stability | None]
    n: int


@dataclass(frozen=True)
class Outputs:
    """What was answered in a week or in the whole period.

    `called` counts by class code; `malignancy` is the mean with its normal interval; `unlike` how
    many of the images with a measure are unlike the training images.
    """

    called: Mapping[str, int] = field(default_factory=dict)
    malignancy: Estimate | None = None
    unlike: Tally = field(default_factory=Tally)

    @property
    def n(self) -> int:
        """Answers with a class called."""
        return sum(self.called.values())


def input_drift(scope: Scope, expected: Expected) -> list[Drift]:
    """Images, features and the probability of malignancy against the reference, in one query."""
    counts = _binned(scope, {k: v for k, v in expected.histograms.items() if v.edges})
    return [
        _drift(name, expected.histograms[name].counts, counts[name], scope.period.mondays)
        for name in expected.histograms
        if expected.histograms[name].edges
    ]


def output_figures(scope: Scope) -> tuple[Outputs, dict[date, Outputs]]:
    """Of the period and by week, in one query of counts."""
    rows = (
        scope.answers()
        .filter(finished_at__gte=scope.period.starts_at)
        .annotate(week=TruncWeek("finished_at"))
        .values("week", "called")
        .annotate(
            n=Count("pk"),
            mean=Avg("malignancy"),
            spread=StdDev("malignancy"),
            unlike=Count("pk", filter=UNLIKE),
            measured=Count("strangeness"),
        )
    )
    by_week: dict[date, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        by_week[timezone.localtime(row["week"]).date()].append(dict(row))
    weekly = {monday: _outputs(by_week[monday]) for monday in scope.period.mondays}
    return _outputs([row for rows in by_week.values() for row in rows]), weekly


def called_drift(expected: Expected, weekly: Mapping[date, Outputs], codes: list[str]) -> Drift:
    """The classes called against the reference's; no further query."""
    counts = {
        monday: Counter({codes.index(code): n for code, n in one.called.items() if code in codes})
        for monday, one in weekly.items()
    }
    reference = [expected.called.get(code, 0) for code in codes]
    return _drift("called", reference, counts, list(weekly))


def _drift(
    name: str,
    reference: "list[int] | tuple[int, ...]",
    counts: Mapping[date, Counter[int]],
    mondays: list[date],
) -> Drift:
    bins = range(len(reference))
    weeks = {monday: counts.get(monday, Counter()) for monday in mondays}
    total = sum(weeks.values(), Counter[int]())
    return Drift(
        measure=name,
        whole=stability(reference, [total[index] for index in bins]),
        weekly={
            monday: stability(reference, [found[index] for index in bins])
            for monday, found in weeks.items()
        },
        n=sum(total.values()),
    )


def _outputs(rows: list[dict[str, Any]]) -> Outputs:
    n = sum(row["n"] for row in rows)
    if not n:
        return Outputs()
    mean = sum(row["n"] * row["mean"] for row in rows) / n
    # Of the groups' own means and spreads: what lies within them, and what lies between.
    squares = sum(row["n"] * (row["spread"] ** 2 + (row["mean"] - mean) ** 2) for row in rows)
    half = Z95 * sqrt(squares / n / n)
    return Outputs(
        called={
            code: sum(row["n"] for row in rows if row["called"] == code)
            for code in {row["called"] for row in rows if row["called"]}
        },
        malignancy=Estimate(mean, max(0.0, mean - half), min(1.0, mean + half), n),
        unlike=Tally(sum(row["unlike"] for row in rows), sum(row["measured"] for row in rows)),
    )


_COUNT_BINS = """
SELECT given.week, measured.name, width_bucket(measured.value, measured.edges), count(*)
FROM ({answers}) AS given({columns})
CROSS JOIN LATERAL (VALUES {measures}) AS measured(name, value, edges)
WHERE measured.value IS NOT NULL
GROUP BY 1, 2, 3
"""
_COLUMNS = {
    **{name: name for name in (*IMAGE_MEASURES, SIDE, MALIGNANCY)},
    **{f"{FEATURE}{n}": f"features[{n}]" for n in range(1, MOST_DIRECTIONS + 1)},
}


def _binned(
    scope: Scope, histograms: Mapping[str, Histogram]
) -> dict[str, dict[date, Counter[int]]]:
    """Bin counts by measure and week. One query, whatever the number of images and measures."""
    found: dict[str, dict[date, Counter[int]]] = {name: defaultdict(Counter) for name in histograms}
    if not histograms:
        return found
    parameters: list[Any] = []
    for name, histogram in histograms.items():
        parameters += [name, list(histogram.edges)]
    answers, given = _answers(scope)
    statement = _COUNT_BINS.format(
        answers=answers,
        columns=f"week, {', '.join(IMAGE_MEASURES)}, {SIDE}, {MALIGNANCY}, features",
        measures=", ".join(
            f"(%s, given.{_COLUMNS[name]}::float8, %s::float8[])" for name in histograms
        ),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, (*given, *parameters))
        for week, name, index, count in cursor.fetchall():
            # Truncated in the clinic's time zone, and without one: the query is not Django's.
            found[name][week.date()][index] += count
    return found


def _answers(scope: Scope) -> tuple[str, tuple[Any, ...]]:
    """The rows to count: week, image statistics, shorter side, malignancy, projection."""
    rows = (
        scope.answers()
        .filter(finished_at__gte=scope.period.starts_at)
        .annotate(week=TruncWeek("finished_at"), side=Least("image__width", "image__height"))
        .values_list("week", *STATISTICS, "side", MALIGNANCY, "projection__values")
    )
    return rows.query.sql_with_params()
