"""Asking for a comparison: both models are put before every sealed image."""

from collections.abc import Sequence
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.doorbell import once_on_commit
from accounts.errors import Conflict
from accounts.models import User
from clinic.models import OPEN_STATES, DatasetRow, SealedTestSet
from clinic.services.datasets import open_sealed_test_set
from inference.models import (
    Comparison,
    ComparisonState,
    ModelVersion,
    Precedence,
    Prediction,
    PredictionState,
)
from inference.selectors.comparisons import compared_rows
from inference.selectors.models import active_model, last_in_service
from inference.selectors.origins import learned_rows, origins_of
from inference.services.comparisons.doorbell import ring_for_comparisons
from inference.services.comparisons.rules import rules_in_force
from inference.services.doorbell import ring_on_commit
from inference.services.operators import require_operator
from inference.services.preparedness import require_prepared

ROWS_A_STATEMENT = 2000


@transaction.atomic
def compare_models(*, candidate: ModelVersion, actor: User | None) -> Comparison:
    """Score the candidate and the model in service on the sealed test sets of all organisations.

    Each test set's use is written down. While a comparison of the two is under way, it is the one
    that is returned. Raises Conflict without a model in service, without a sealed test set, for a
    candidate that is not prepared or that learned from a sealed patient; NotAllowed for people who
    are no model operators.
    """
    require_operator(actor)
    # Two operators who ask at the same moment get one comparison.
    candidate = ModelVersion.objects.select_for_update().get(pk=candidate.pk)
    champion = active_model(candidate.task)
    if champion is None:
        former = last_in_service(candidate.task)
        remedy = (
            f"Put {former} back into service first."
            if former
            else "The first model needs no comparison."
        )
        msg = f"No model is in service to compare with. {remedy}"
        raise Conflict(msg, code="no_champion")
    if champion.pk == candidate.pk:
        raise Conflict(f"{candidate} is the model in service itself.", code="same_model")
    require_prepared(candidate)
    under_way = Comparison.objects.filter(
        candidate=candidate, champion=champion, state=ComparisonState.ANSWERING
    ).first()
    if under_way is not None:
        return under_way
    comparison = Comparison(
        candidate=candidate,
        champion=champion,
        margins=rules_in_force(),
        resamples=settings.COMPARISON_RESAMPLES,
        requested_by=actor,
    )
    comparison.test_sets = _opened(f"Comparison of {candidate} with {champion}", actor)
    _refuse_what_was_learned(comparison)
    comparison.save(force_insert=True)
    ask_both(comparison=comparison)
    once_on_commit(ring_for_comparisons)
    return comparison


def ask_both(*, comparison: Comparison) -> int:
    """Queue what is missing or failed, after everything that somebody waits for."""
    images = list(
        compared_rows(comparison).order_by("version_id", "number").values_list("source", flat=True)
    )
    queued = 0
    for version in (comparison.champion, comparison.candidate):
        queued += ask_unseen(version=version, images=images)
        queued += _ask_again(version, images)
    if queued:
        ring_on_commit()
    return queued


def ask_unseen(*, version: ModelVersion, images: Sequence[UUID]) -> int:
    """Queue the images that the model was never asked about; returns how many."""
    known = set(
        version.predictions.filter(image__in=images).order_by().values_list("image", flat=True)
    )
    now = timezone.now()
    rows = [
        Prediction(image_id=key, model_version=version, queued_at=now, precedence=Precedence.SHADOW)
        for key in images
        if key not in known
    ]
    Prediction.objects.bulk_create(rows, batch_size=ROWS_A_STATEMENT, ignore_conflicts=True)
    return len(rows)


def _ask_again(version: ModelVersion, images: Sequence[UUID]) -> int:
    """A failure may have been the storage's or the worker's; of open cases somebody else asks."""
    return (
        version.predictions.filter(image__in=images, state=PredictionState.FAILED)
        .exclude(image__case__state__in=OPEN_STATES)
        .update(
            state=PredictionState.QUEUED,
            attempts=0,
            precedence=Precedence.SHADOW,
            queued_at=timezone.now(),
            not_before=None,
            started_at=None,
            finished_at=None,
            duration_ms=None,
            claimed_by="",
            reason="",
        )
    )


def _opened(purpose: str, actor: User | None) -> list[dict[str, object]]:
    """Open every sealed test set, and say which they were."""
    test_sets = SealedTestSet.objects.select_related("organisation", "version")
    opened = []
    for test_set in test_sets.order_by("organisation__name", "pk"):
        rows = open_sealed_test_set(test_set=test_set, purpose=purpose, actor=actor)
        opened.append(
            {
                "test_set": str(test_set.pk),
                "organisation": str(test_set.organisation),
                "version": str(test_set.version_id),
                "digest": test_set.version.digest,
                "images": rows.count(),
            }
        )
    if not any(entry["images"] for entry in opened):
        msg = (
            "No organisation has a sealed test set yet. An administrator sets one aside on the "
            "page of a data set."
        )
        raise Conflict(msg, code="no_sealed_test_set")
    return opened


def _refuse_what_was_learned(comparison: Comparison) -> None:
    """Must be impossible, because freezing leaves sealed patients out; so it is looked at."""
    rows = DatasetRow.objects.filter(pk__in=compared_rows(comparison).values("pk"))
    learned = learned_rows(origins_of(comparison.candidate), rows).distinct().count()
    if learned:
        msg = (
            f"{comparison.candidate} learned from patients of {learned} sealed "
            f"image{'' if learned == 1 else 's'}, so these say nothing about it. Train it again "
            "from a version frozen after the test set was sealed."
        )
        raise Conflict(msg, code="learned_from_sealed")
