"""The monitoring page, acknowledging an alert, and what Prometheus reads."""

import secrets
from dataclasses import dataclass
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.errors import NotAllowed
from accounts.models import Organisation, Role, User
from clinic.selectors.statistics.period import PERIODS, last_weeks
from clinic.views.gate import SIGNED_OUT, View, asks_as_script, problem
from inference.metrics import CONTENT_TYPE_LATEST, metrics_page
from inference.models import ModelVersion
from inference.selectors.audit import audit_accuracy
from inference.selectors.monitoring import (
    Monitoring,
    monitored_models,
    monitoring_picture,
    monitoring_scope,
    open_alerts,
    recent_alerts,
    visible_alerts,
)
from inference.services.monitoring import acknowledge_alert
from inference.services.operators import is_operator
from inference.views.monitoring_tables import (
    audit_row,
    cards,
    drift_rows,
    output_rows,
    reliability_rows,
    service_rows,
    subgroup_rows,
    week_rows,
)

PRESENT = 12
NOT_FOR_YOU = "Only administrators of an organisation and model operators watch models in service."


@dataclass(frozen=True)
class Choice:
    """A way to see the page: its words, its query string, and whether it is in force."""

    label: str
    query: str
    is_chosen: bool


def for_watchers(view: View) -> View:
    """Let administrators and model operators in; an operator needs no role in an organisation."""

    @wraps(view)
    def gate(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            if asks_as_script(request):
                return problem(401, SIGNED_OUT, code="signed_out")
            return redirect_to_login(request.get_full_path())
        if not (is_operator(request.user) or _administered(request)):
            raise NotAllowed(NOT_FOR_YOU)
        return view(request, *args, **kwargs)

    return gate


@require_safe
@never_cache
@for_watchers
def monitoring(request: HttpRequest) -> HttpResponse:
    """How one model does, in the person's organisation or in all of them."""
    user: User = request.user  # type: ignore[assignment]
    models = list(monitored_models(user))
    model = _chosen_model(models, request.GET)
    context: dict[str, Any] = {"model": model, "periods": _periods(request.GET)}
    if model is not None:
        organisation = None if _takes_all(request) else _administered(request)
        period = last_weeks(_weeks(request.GET))
        scope = monitoring_scope(user, organisation, model=model, period=period)
        picture = monitoring_picture(scope)
        context |= {
            "scope": scope,
            "scopes": _scopes(request),
            "models": _models(models, model, request.GET),
            "alerts": open_alerts(user, scope),
            "closed_alerts": recent_alerts(user, scope),
            "audit": audit_row(audit_accuracy(organisation, model)) if organisation else None,
            **_tables(picture),
        }
    return render(request, "inference/monitoring/page.html", context)


@require_POST
@for_watchers
def acknowledge(request: HttpRequest, key: UUID) -> HttpResponse:
    """Note what is being done about an alert."""
    user: User = request.user  # type: ignore[assignment]
    alert = get_object_or_404(visible_alerts(user), pk=key)
    acknowledge_alert(alert=alert, actor=user, note=request.POST.get("note", ""))
    messages.success(request, "Your note stands beside the alert.")
    everywhere = "" if alert.organisation_id else "scope=all&"
    return redirect(f"{reverse('monitoring')}?{everywhere}model={alert.model_version_id}")


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """For Prometheus, with the installation's token; 404 for everybody where there is none."""
    token = settings.METRICS_TOKEN
    if not token:
        raise Http404
    sent = request.headers.get("Authorization", "")
    if not secrets.compare_digest(sent.encode(), f"Bearer {token}".encode()):
        response = HttpResponse("Send the token of METRICS_TOKEN as a bearer token.\n", status=401)
        response["WWW-Authenticate"] = "Bearer"
        response["Content-Type"] = "text/plain; charset=utf-8"
        return response
    return HttpResponse(metrics_page(), content_type=CONTENT_TYPE_LATEST)


def _tables(picture: Monitoring) -> dict[str, Any]:
    drift = drift_rows(picture)
    return {
        "picture": picture,
        "cards": cards(picture),
        "service_rows": service_rows(picture.service),
        "drift_rows": drift,
        # A week with few images has no figure.
        "drift_has_history": any(value is not None for row in drift for value in row.history),
        "output_rows": output_rows(picture),
        "week_rows": week_rows(picture),
        "reliability_rows": reliability_rows(picture),
        "subgroup_rows": subgroup_rows(picture),
    }


def _administered(request: HttpRequest) -> Organisation | None:
    """The organisation in force, if the person administers it."""
    membership = getattr(request, "membership", None)
    if membership is None or membership.role != Role.ADMINISTRATOR:
        return None
    organisation: Organisation = membership.organisation
    return organisation


def _takes_all(request: HttpRequest) -> bool:
    """Operators see all organisations, unless they ask for the one that they administer."""
    if not is_operator(request.user):  # type: ignore[arg-type]
        return False
    return _administered(request) is None or request.GET.get("scope") == "all"


def _weeks(params: QueryDict) -> int:
    """What makes no sense is ignored."""
    asked = params.get("weeks", "")
    return int(asked) if asked in {str(weeks) for weeks in PERIODS} else PRESENT


def _chosen_model(models: list[ModelVersion], params: QueryDict) -> ModelVersion | None:
    asked = params.get("model", "")
    chosen = [model for model in models if str(model.pk) == asked]
    active = [model for model in models if model.state == "active"]
    return next(iter(chosen or active), None)


def _periods(params: QueryDict) -> list[Choice]:
    return [
        Choice(f"{weeks} weeks", _query(params, weeks=str(weeks)), weeks == _weeks(params))
        for weeks in PERIODS
    ]


def _scopes(request: HttpRequest) -> list[Choice]:
    own = _administered(request)
    if own is None or not is_operator(request.user):  # type: ignore[arg-type]
        return []
    takes_all = _takes_all(request)
    return [
        Choice(str(own), _query(request.GET, scope=""), not takes_all),
        Choice("All organisations", _query(request.GET, scope="all"), takes_all),
    ]


def _models(models: list[ModelVersion], model: ModelVersion, params: QueryDict) -> list[Choice]:
    return [
        Choice(
            f"{one} ({one.get_state_display().lower()})",
            _query(params, model=str(one.pk)),
            one == model,
        )
        for one in models
    ]


def _query(params: QueryDict, **changes: str) -> str:
    """The choices in force but one; nothing else of the address is carried on."""
    kept = QueryDict(mutable=True)
    kept["weeks"] = str(_weeks(params))
    for name in ("scope", "model"):
        if value := params.get(name):
            kept[name] = str(value)
    for name, value in changes.items():
        if value:
            kept[name] = value
        else:
            kept.pop(name, None)
    return f"?{kept.urlencode()}"
