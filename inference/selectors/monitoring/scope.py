"""Whose images, whose model, which weeks: what every figure of monitoring is about."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import F, Q, QuerySet

from accounts.errors import NotAllowed
from accounts.models import Organisation, Role, User
from accounts.selectors import has_role
from clinic.models import CLOSED_STATES
from clinic.roles import READERS
from clinic.selectors.statistics.period import Period
from inference.models import ModelState, ModelVersion, Precedence, Prediction, PredictionState
from inference.services.operators import is_operator

# A comparison or a rescoring asks about images that came in long before.
ASKED_LATER = Q(
    precedence=Precedence.SHADOW, created_at__gt=F("image__created_at") + timedelta(hours=1)
)
# What a clinic sends to be answered, as opposed to what is imported or asked about again.
CAME_IN = ~Q(precedence=Precedence.IMPORTED) & ~ASKED_LATER


@dataclass(frozen=True)
class Scope:
    """One model version in one organisation, or in all together (None), over some weeks.

    `closed_only`: what the model said counts only of cases that are closed. Whoever reads blind
    must not learn from a count what the model says of the one open case of a quiet week.
    """

    model: ModelVersion
    period: Period
    organisation: Organisation | None = None
    closed_only: bool = False

    @property
    def within(self) -> Q:
        """Predictions of the organisation."""
        if self.organisation is None:
            return Q()
        return Q(image__case__organisation=self.organisation)

    def predictions(self) -> "QuerySet[Prediction]":
        """Every row of the model, whenever."""
        return Prediction.objects.filter(self.within, model_version=self.model).order_by()

    def finished(self) -> "QuerySet[Prediction]":
        """What was answered or failed in these weeks."""
        return self.predictions().filter(finished_at__gte=self.period.starts_at)

    def answers(self) -> "QuerySet[Prediction]":
        """What the model said of what came in, whenever.

        Bulk imports are not what comes in, nor are old and sealed images that it was asked about.
        """
        answers = self.predictions().filter(CAME_IN, state=PredictionState.SUCCEEDED)
        if self.closed_only:
            answers = answers.filter(image__case__state__in=CLOSED_STATES)
        return answers


def monitoring_scope(
    user: User, organisation: Organisation | None, *, model: ModelVersion, period: Period
) -> Scope:
    """An administrator's own organisation, or all of them (None) for a model operator.

    Raises NotAllowed for everybody else.
    """
    if organisation is None:
        if not is_operator(user):
            raise NotAllowed("Only model operators see all organisations together.")
    elif not has_role(user, organisation.pk, Role.ADMINISTRATOR):
        raise NotAllowed("Only administrators of this organisation and model operators see this.")
    reads = any(membership.role in READERS for membership in user.current_memberships)
    return Scope(model, period, organisation, closed_only=reads)


def monitored_models(user: User) -> "QuerySet[ModelVersion]":
    """Models whose answers can be watched: the active one, for operators shadows and former too."""
    versions = ModelVersion.objects.order_by("state", "-activated_at", "-created_at")
    if is_operator(user):
        return versions.exclude(state=ModelState.CANDIDATE)
    return versions.filter(state=ModelState.ACTIVE)
