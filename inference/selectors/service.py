"""How the answers of one organisation stand, and when those of a case came."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Min, Q

from accounts.models import Organisation, User
from clinic.models import Case
from inference.models import ModelVersion, PredictionState
from inference.selectors.models import active_model
from inference.selectors.predictions import visible_predictions


@dataclass(frozen=True)
class ServiceState:
    """The model that answers, and how many answers wait or failed. `oldest` is the longest wait."""

    model: ModelVersion | None
    waiting: int
    running: int
    failed: int
    oldest: datetime | None


def service_state(user: User, organisation: Organisation) -> ServiceState:
    """In two queries."""
    state = visible_predictions(user).filter(image__case__organisation=organisation)
    counts = state.aggregate(
        waiting=Count("pk", filter=Q(state=PredictionState.QUEUED)),
        running=Count("pk", filter=Q(state=PredictionState.RUNNING)),
        failed=Count("pk", filter=Q(state=PredictionState.FAILED)),
        oldest=Min("queued_at", filter=Q(state=PredictionState.QUEUED)),
    )
    return ServiceState(model=active_model(), **counts)


@dataclass(frozen=True)
class CaseAnswered:
    """One model's answers to a case: how many images, and when the last of them came."""

    model: str
    images: int
    at: datetime


def case_answered(user: User, case: Case) -> list[CaseAnswered]:
    """Which models answered a case, in one query."""
    rows = (
        visible_predictions(user)
        .filter(image__case=case, state=PredictionState.SUCCEEDED)
        .order_by()
        .values("model_version__name", "model_version__version")
        .annotate(images=Count("pk"), at=Max("finished_at"))
    )
    return [
        CaseAnswered(
            model=f"{row['model_version__name']} {row['model_version__version']}",
            images=row["images"],
            at=row["at"],
        )
        for row in rows
        if row["at"] is not None
    ]
