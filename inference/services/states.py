"""Which model answers: candidate, shadow, active, retired. One is active per task."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.errors import Conflict
from accounts.models import User
from clinic.models import OPEN_STATES, LesionImage
from inference.models import ModelState, ModelVersion, Precedence, Prediction, PredictionState
from inference.selectors.models import previously_active
from inference.services.comparisons.gate import pass_gate
from inference.services.doorbell import ring_on_commit
from inference.services.operators import require_operator
from inference.services.preparedness import require_prepared
from inference.services.rescoring import cancel_rescorings

ROWS_A_STATEMENT = 2000


@transaction.atomic
def activate_model(
    *, version: ModelVersion, actor: User | None, override_reason: str = ""
) -> ModelVersion:
    """Make it the model whose answers people see; the one before it is retired.

    A model that was never in service takes another one's place only after a comparison that shows
    it to be not worse. `override_reason` lets it pass without, and stays on the model for good.
    Images of open cases that it has not answered are queued. Raises Conflict for a model that is
    not prepared or not shown to be no worse, InvalidInput for a reason that is too short,
    NotAllowed for people who are no model operators.
    """
    require_operator(actor)
    version = _lock(version)
    if version.state == ModelState.ACTIVE:
        return version
    require_prepared(version)
    current = ModelVersion.objects.filter(task=version.task, state=ModelState.ACTIVE).first()
    reason = pass_gate(candidate=version, override_reason=override_reason)
    if reason:
        version.override_reason = reason
    if current is not None:
        _retire(current)
    version.state, version.activated_at, version.retired_at = (
        ModelState.ACTIVE,
        timezone.now(),
        None,
    )
    version.save(update_fields=["state", "activated_at", "retired_at", "override_reason"])
    # What it had to do as a shadow is awaited by people now; of closed cases nobody waits.
    awaited = Prediction.objects.filter(
        model_version=version, state=PredictionState.QUEUED, image__case__state__in=OPEN_STATES
    )
    awaited.update(precedence=Precedence.IMPORTED)
    queue_unanswered(version=version)
    # Also with nothing to answer: the worker that wakes up loads the model.
    ring_on_commit()
    return version


@transaction.atomic
def shadow_model(*, version: ModelVersion, actor: User | None) -> ModelVersion:
    """Let it answer every new image without anybody seeing the answers, to compare it later."""
    require_operator(actor)
    version = _lock(version)
    if version.state == ModelState.SHADOW:
        return version
    if version.state == ModelState.ACTIVE:
        msg = f"{version} is in service. Activate another model, which retires this one."
        raise Conflict(msg, code="model_is_active")
    require_prepared(version)
    version.state, version.retired_at = ModelState.SHADOW, None
    version.save(update_fields=["state", "retired_at"])
    return version


@transaction.atomic
def retire_model(*, version: ModelVersion, actor: User | None) -> ModelVersion:
    """Take it out of service. Its answers stay in the record; what it had not begun is dropped."""
    require_operator(actor)
    version = _lock(version)
    if version.state != ModelState.RETIRED:
        _retire(version)
    return version


@transaction.atomic
def roll_back_model(*, version: ModelVersion, actor: User | None) -> ModelVersion:
    """Put the model that was active before `version` back into service; returns it.

    Raises Conflict if `version` is not the active model or nothing was active before it.
    """
    require_operator(actor)
    version = _lock(version)
    if version.state != ModelState.ACTIVE:
        msg = f"{version} is not in service, so there is nothing to roll back."
        raise Conflict(msg, code="model_is_not_active")
    previous = previously_active(version)
    if previous is None:
        msg = f"No model was in service before {version}."
        raise Conflict(msg, code="no_earlier_model")
    return activate_model(version=previous, actor=actor)


def _lock(version: ModelVersion) -> ModelVersion:
    """All models of the task are locked, so that two operators change them one after the other."""
    rows = ModelVersion.objects.select_for_update().filter(task=version.task).order_by("pk")
    return next(row for row in rows if row.pk == version.pk)


def _retire(version: ModelVersion) -> None:
    version.state, version.retired_at = ModelState.RETIRED, timezone.now()
    version.save(update_fields=["state", "retired_at"])
    version.predictions.filter(state=PredictionState.QUEUED).delete()
    cancel_rescorings(version=version)


def queue_unanswered(*, version: ModelVersion, stored_before: datetime | None = None) -> int:
    """Queue the images of open cases that the model was never asked about; returns how many.

    Beside an activation this is for the sweep: an image that was being stored while the model
    changed was queued for the one before.
    """
    images = LesionImage.objects.filter(case__state__in=OPEN_STATES).exclude(
        predictions__model_version=version
    )
    if stored_before is not None:
        images = images.filter(created_at__lt=stored_before)
    now = timezone.now()
    rows = [
        Prediction(
            image_id=key, model_version=version, queued_at=now, precedence=Precedence.IMPORTED
        )
        for key in images.order_by("created_at", "id").values_list("pk", flat=True)
    ]
    Prediction.objects.bulk_create(rows, batch_size=ROWS_A_STATEMENT, ignore_conflicts=True)
    return len(rows)
