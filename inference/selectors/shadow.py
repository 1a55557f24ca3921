"""A model that answers unseen, beside the one in service and what was signed, week by week."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import (
    Case,
    Count,
    F,
    FilteredRelation,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce, NullIf, TruncWeek
from django.utils import timezone

from accounts.models import User
from clinic.models import CLOSED_STATES, Diagnosis, PathologyResult, Read
from clinic.selectors.diagnoses import with_parents
from clinic.selectors.verdicts import CERTAINTY
from clinic.statistics.intervals import Tally
from inference.models import ModelState, ModelVersion, Prediction, PredictionState
from inference.probabilities import operating_point
from inference.selectors.shadow_figures import Period, Side

WEEKS = 12


def unseen_models(user: User | AnonymousUser) -> QuerySet[ModelVersion]:
    """Models that answer beside the one in service, or did; for model operators alone.

    Whoever reads blind must not learn what any model says, and a shadow's answers are nobody's.
    """
    if not user.is_authenticated or not user.has_perm("inference.operate_models"):
        return ModelVersion.objects.none()
    return ModelVersion.objects.exclude(state=ModelState.ACTIVE)


@dataclass(frozen=True)
class Comparison:
    """The newest week first; `total` is over all of them. In four queries."""

    total: Period
    weeks: list[Period]


def beside_the_active(
    shadow: ModelVersion, active: ModelVersion, *, weeks: int = WEEKS
) -> Comparison:
    """Images of the last weeks that both answered, by the week in which they came in.

    The truth is the pathology, else the signed answer of a closed case. Of each image, whichever
    organisation it belongs to: models belong to the installation.
    """
    today = timezone.localdate()
    first = today - timedelta(days=today.weekday(), weeks=weeks - 1)
    rows = _answered_by_both(shadow, active, first)
    truths = _truths(shadow, active)
    periods: dict[date, Period] = {}
    total = Period(None)
    for row in _counted(rows, shadow, active):
        monday = row["week"].date()
        week = periods.setdefault(monday, Period(monday))
        for period in (week, total):
            _add(period, row, truths)
    for monday, side, took in _latencies(rows, shadow, active):
        sides = [periods.get(monday, total)] if monday is not None else [total]
        for period in sides:
            half: Side = getattr(period, side)
            half.median_ms, half.late_ms = took
    return Comparison(total, [periods[monday] for monday in sorted(periods, reverse=True)])


def _answered_by_both(
    shadow: ModelVersion, active: ModelVersion, first: date
) -> QuerySet[Prediction]:
    return (
        Prediction.objects.filter(
            model_version=shadow,
            state=PredictionState.SUCCEEDED,
            image__created_at__date__gte=first,
        )
        .annotate(
            other=FilteredRelation(
                "image__predictions",
                condition=Q(
                    image__predictions__model_version=active.pk,
                    image__predictions__state=PredictionState.SUCCEEDED,
                ),
            )
        )
        .filter(other__isnull=False)
        .order_by()
    )


def _counted(
    rows: QuerySet[Prediction], shadow: ModelVersion, active: ModelVersion
) -> Iterable[dict[str, Any]]:
    """Counts by week, what both said and what it was: a few hundred rows for any record."""
    said = {
        "shadow_called": _called(""),
        "active_called": _called("other__"),
        "shadow_marked": _marked("malignancy", operating_point(shadow)),
        "active_marked": _marked("other__malignancy", operating_point(active)),
    }
    counted = (
        rows.annotate(week=TruncWeek("image__created_at"), truth=_truth(), **said)
        .values("week", "truth", *said)
        .annotate(images=Count("pk"), apart=Sum(F("malignancy") - F("other__malignancy")))
    )
    return list(counted)


def _called(path: str) -> Coalesce:
    return Coalesce(NullIf(F(f"{path}called"), Value("")), F(f"{path}top_class"))


def _marked(path: str, threshold: float | None) -> Any:
    if threshold is None:
        return Value(None, output_field=models.BooleanField(null=True))
    return Case(
        When(**{f"{path}__gte": threshold}, then=Value(1)),
        default=Value(0),
        output_field=models.IntegerField(),
    )


def _truth() -> Coalesce:
    """The diagnosis's key: the most certain pathology, else the signed answer."""
    certainty = Case(
        *(When(method=method, then=Value(rank)) for method, rank in CERTAINTY.items()),
        output_field=models.IntegerField(),
    )
    results = PathologyResult.objects.filter(lesion=OuterRef("image__lesion"))
    answer = Read.objects.filter(
        reading=OuterRef("image__case__answer"),
        lesion=OuterRef("image__lesion"),
        case__state__in=CLOSED_STATES,
        stands=True,
    )
    return Coalesce(
        Subquery(results.order_by(certainty, "-created_at").values("diagnosis")[:1]),
        Subquery(answer.order_by().values("diagnosis")[:1]),
        output_field=models.BigIntegerField(),
    )


def _truths(shadow: ModelVersion, active: ModelVersion) -> dict[int, bool | None]:
    """Whether a diagnosis counts as malignant; both models are measured by one truth."""
    counts = {
        kind["code"]: bool(kind.get("counts_as_malignant"))
        for version in (shadow, active)
        for kind in version.classes
    }
    return {
        node.pk: node.malignancy == "malignant"
        if node.malignancy in {"benign", "malignant"}
        else (True if counts.get(node.kind) else None)
        for node in with_parents(Diagnosis.objects.all())
    }


def _add(period: Period, row: Mapping[str, Any], truths: Mapping[int, bool | None]) -> None:
    images = row["images"]
    period.pairs[row["shadow_called"], row["active_called"]] += images
    period.apart_sum += row["apart"]
    truth = truths.get(row["truth"]) if row["truth"] is not None else None
    if truth is None:
        return
    period.known += images
    for side, marked in (
        (period.shadow, row["shadow_marked"]),
        (period.active, row["active_marked"]),
    ):
        if marked is None:
            continue
        right = images if bool(marked) == truth else 0
        if truth:
            side.found = Tally(side.found.hits + right, side.found.n + images)
        else:
            side.cleared = Tally(side.cleared.hits + right, side.cleared.n + images)


class _Percentile(models.Aggregate):
    """`percentile_cont`: what half, or all but a twentieth, stay below."""

    function = "percentile_cont"
    template = "%(function)s(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = models.FloatField()

    def __init__(self, expression: str, *, share: float) -> None:
        super().__init__(expression, share=share)


def _latencies(
    rows: QuerySet[Prediction], shadow: ModelVersion, active: ModelVersion
) -> list[tuple[date | None, str, tuple[float | None, float | None]]]:
    """Milliseconds from the claim to the answer, by week and over all, for each side."""
    images = rows.values("image")
    names = {shadow.pk: "shadow", active.pk: "active"}
    timed = Prediction.objects.filter(
        image__in=images, model_version__in=names, duration_ms__isnull=False
    ).order_by()
    took = {
        "median": _Percentile("duration_ms", share=0.5),
        "late": _Percentile("duration_ms", share=0.95),
    }
    by_week = timed.annotate(week=TruncWeek("image__created_at")).values("week", "model_version")
    weekly: list[dict[str, Any]] = list(by_week.annotate(**took))  # type: ignore[arg-type]
    overall: list[dict[str, Any]] = list(
        timed.values("model_version").annotate(**took)  # type: ignore[arg-type]
    )
    return [
        (
            row["week"].date() if "week" in row else None,
            names[row["model_version"]],
            (row["median"], row["late"]),
        )
        for row in [*weekly, *overall]
    ]
