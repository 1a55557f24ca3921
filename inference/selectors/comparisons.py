"""Comparisons: who may see them, how far they are, which rows they are over."""

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Q, QuerySet

from accounts.models import User
from clinic.models import DatasetRow
from inference.models import Comparison, ComparisonState, ModelVersion, Prediction, PredictionState

UNANSWERED = (PredictionState.QUEUED, PredictionState.RUNNING)
ANSWERED = (PredictionState.SUCCEEDED, PredictionState.FAILED)


def visible_comparisons(user: User | AnonymousUser) -> QuerySet[Comparison]:
    """All of them for model operators, none for others: a candidate's answers are in them."""
    if not user.is_authenticated or not user.has_perm("inference.operate_models"):
        return Comparison.objects.none()
    return Comparison.objects.select_related("candidate", "champion", "requested_by")


def latest_comparison(candidate: ModelVersion, champion: ModelVersion) -> Comparison | None:
    """The newest of these two that has a verdict."""
    return (
        Comparison.objects.filter(
            candidate=candidate, champion=champion, state=ComparisonState.FINISHED
        )
        .order_by("-finished_at", "-pk")
        .first()
    )


def compared_rows(comparison: Comparison) -> QuerySet[DatasetRow]:
    """The sealed rows that both models are scored on; those under a tombstone are not."""
    versions = [test_set["version"] for test_set in comparison.test_sets]
    return DatasetRow.objects.filter(version__in=versions, tombstone__isnull=True)


@dataclass(frozen=True)
class Progress:
    """Answers that are there and that will come, of both models together."""

    total: int
    answered: int
    waiting: int

    @property
    def missing(self) -> int:
        """Answers that nobody was asked for, or that were dropped with a retired model."""
        return self.total - self.answered - self.waiting


def progress_of(comparison: Comparison) -> Progress:
    """In two queries."""
    rows = compared_rows(comparison).order_by()
    models = (comparison.candidate_id, comparison.champion_id)
    counts = (
        Prediction.objects.filter(model_version__in=models, image__in=rows.values("source"))
        .order_by()
        .aggregate(
            answered=Count("pk", filter=Q(state__in=ANSWERED)),
            waiting=Count("pk", filter=Q(state__in=UNANSWERED)),
        )
    )
    return Progress(total=2 * rows.count(), **counts)
