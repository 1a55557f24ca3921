"""Asking again for answers that failed."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.errors import Conflict, NotAllowed
from accounts.models import Role, User
from accounts.selectors import has_role
from inference.models import ModelState, Precedence, Prediction, PredictionState
from inference.services.doorbell import ring_on_commit
from inference.services.operators import is_operator

WHO_MAY = (Role.CLINICIAN, Role.DERMATOLOGIST, Role.ADMINISTRATOR)


def may_ask_again(actor: User, organisation_id: UUID) -> bool:
    """Whether the person may ask for an answer to this organisation's images again."""
    return has_role(actor, organisation_id, *WHO_MAY) or is_operator(actor)


@transaction.atomic
def requeue_predictions(*, predictions: Iterable[Prediction], actor: User) -> int:
    """Queue failed predictions again with all their tries; returns how many.

    Others, and those of models no longer in service, are left alone. Raises NotAllowed for
    somebody without a role in an image's organisation.
    """
    rows = list(
        Prediction.objects.select_for_update(of=("self",))
        .filter(pk__in=[prediction.pk for prediction in predictions])
        .filter(state=PredictionState.FAILED)
        .filter(model_version__state__in=[ModelState.ACTIVE, ModelState.SHADOW])
        .select_related("image__case")
        .order_by("pk")
    )
    for organisation in {row.image.case.organisation_id for row in rows}:
        if not may_ask_again(actor, organisation):
            raise NotAllowed("Only people of this organisation can ask for an answer again.")
    if rows:
        Prediction.objects.filter(pk__in=[row.pk for row in rows]).update(
            state=PredictionState.QUEUED,
            attempts=0,
            precedence=Precedence.PERSON_WAITS if len(rows) == 1 else Precedence.IMPORTED,
            queued_at=timezone.now(),
            not_before=None,
            started_at=None,
            finished_at=None,
            duration_ms=None,
            claimed_by="",
            reason="",
        )
        ring_on_commit()
    return len(rows)


def retry_prediction(*, prediction: Prediction, actor: User) -> Prediction:
    """Ask for one failed answer again. Doing so twice is the same as once.

    Raises Conflict if its model is no longer in service.
    """
    if not requeue_predictions(predictions=[prediction], actor=actor):
        prediction.refresh_from_db()
        if prediction.state == PredictionState.FAILED:
            msg = f"{prediction.model_version} is no longer in service and answers no more images."
            raise Conflict(msg, code="model_is_retired")
    prediction.refresh_from_db()
    return prediction
