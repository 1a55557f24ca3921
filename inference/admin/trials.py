"""What a model's page shows of its trials: comparisons, how it does unseen, old images."""

from typing import Any

from django.db.models import Q

from inference.models import Comparison, ModelState, ModelVersion, Rescoring
from inference.services.rescoring import waiting_of

MOST = 10


def trials_of(version: ModelVersion) -> dict[str, Any]:
    """For model operators: a candidate's answers stand behind these."""
    comparisons = (
        Comparison.objects.filter(Q(candidate=version) | Q(champion=version))
        .select_related("candidate", "champion")
        .defer("report")
        .order_by("-created_at", "-pk")
    )
    return {
        "comparisons": comparisons[:MOST],
        "rescoring": _rescoring(version.rescorings.first()),
        "has_unseen_answers": version.state != ModelState.ACTIVE and version.predictions.exists(),
    }


def _rescoring(job: Rescoring | None) -> dict[str, Any] | None:
    """How far the newest job is: answered of those that it has to ask."""
    if job is None:
        return None
    waiting = waiting_of(job).count()
    return {"job": job, "done": max(0, job.queued - waiting), "waiting": waiting}
