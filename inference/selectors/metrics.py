"""The counts behind the metrics: of every organisation, for whoever has the token. Four queries."""

from datetime import timedelta
from typing import Any

from django.db.models import (
    BooleanField,
    Count,
    DurationField,
    ExpressionWrapper,
    F,
    FloatField,
    Min,
    Q,
)
from django.db.models.functions import Cast, Extract
from django.utils import timezone

from accounts.models import Organisation
from inference.models import Precedence, Prediction, PredictionState, ServiceAlert
from inference.selectors.models import models_in_service
from inference.selectors.monitoring.service import Percentiles

LATELY = timedelta(hours=1)
Rows = list[Any]  # dictionaries, by the columns that each function names


def versions_in_service() -> Rows:
    """Name, version and state."""
    return list(models_in_service().order_by("state", "name").values("name", "version", "state"))


def queue_by_organisation() -> Rows:
    """Of every organisation, also those in which nothing waits: a gauge must fall to 0."""
    queued = Q(state=PredictionState.QUEUED)
    rows = (
        Prediction.objects.filter(state__in=[PredictionState.QUEUED, PredictionState.RUNNING])
        .order_by()
        .values("image__case__organisation")
        .annotate(
            queued=Count("pk", filter=queued),
            running=Count("pk", filter=Q(state=PredictionState.RUNNING)),
            oldest=Min("queued_at", filter=queued),
        )
    )
    counts: dict[Any, Any] = {row["image__case__organisation"]: row for row in rows}
    nothing: dict[str, Any] = {"queued": 0, "running": 0, "oldest": None}
    return [
        {"slug": slug, **{key: counts.get(pk, nothing)[key] for key in nothing}}
        for pk, slug in Organisation.objects.order_by("slug").values_list("pk", "slug")
    ]


def answered_lately() -> Rows:
    """By organisation and model: counts, and how long people waited (median, 95th percentile)."""
    answered = Q(state=PredictionState.SUCCEEDED)
    waited_for = answered & Q(precedence=Precedence.PERSON_WAITS)
    took = ExpressionWrapper(F("finished_at") - F("queued_at"), output_field=DurationField())
    rows = (
        Prediction.objects.filter(
            model_version__in=models_in_service(), finished_at__gte=timezone.now() - LATELY
        )
        .order_by()
        .annotate(seconds=Cast(Extract(took, "epoch"), FloatField()))
        .values(
            slug=F("image__case__organisation__slug"),
            name=F("model_version__name"),
            version=F("model_version__version"),
        )
        .annotate(
            answered=Count("pk", filter=answered),
            failed=Count("pk", filter=Q(state=PredictionState.FAILED)),
            took=Percentiles("seconds", filter=waited_for),
        )
    )
    return list(rows)


def open_alert_counts() -> Rows:
    """By organisation (None: all together), measure, and whether somebody knows."""
    is_known = ExpressionWrapper(Q(acknowledged_at__isnull=False), output_field=BooleanField())
    return list(
        ServiceAlert.objects.filter(closed_at__isnull=True)
        .order_by()
        .values("measure", slug=F("organisation__slug"), is_known=is_known)
        .annotate(n=Count("pk"))
    )
