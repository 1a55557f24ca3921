"""Which alerts a person may see."""

from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from accounts.models import User
from accounts.selectors import administered_organisations
from inference.models import ServiceAlert
from inference.selectors.monitoring.scope import Scope
from inference.services.operators import is_operator

MOST_RECENT = 20


def visible_alerts(user: User) -> "QuerySet[ServiceAlert]":
    """Of the organisations that the person administers; a model operator sees every one."""
    alerts = ServiceAlert.objects.select_related(
        "model_version", "organisation", "acknowledged_by"
    ).defer("model_version__card", "model_version__metrics", "model_version__training",
            "model_version__reference")  # fmt: skip
    if is_operator(user):
        return alerts
    return alerts.filter(organisation__in=administered_organisations(user))


def open_alerts(user: User, scope: Scope) -> list[ServiceAlert]:
    """Of this model in this organisation (or in all together), the oldest first."""
    alerts = visible_alerts(user).filter(_of(scope), closed_at__isnull=True)
    return list(alerts.order_by("acknowledged_at", "opened_at"))


def recent_alerts(user: User, scope: Scope) -> list[ServiceAlert]:
    """Closed in the weeks of the scope, the newest first."""
    alerts = visible_alerts(user).filter(
        _of(scope), closed_at__gte=scope.period.starts_at, closed_at__lte=Now()
    )
    return list(alerts.order_by("-closed_at")[:MOST_RECENT])


def _of(scope: Scope) -> Q:
    return Q(model_version=scope.model, organisation=scope.organisation)
