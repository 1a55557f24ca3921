"""What a person asks for: train on this version, stop it, try it again."""

from collections.abc import Sequence
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from accounts.doorbell import once_on_commit
from accounts.errors import Conflict, InvalidInput, NotAllowed
from accounts.models import User
from clinic.models import DatasetVersion, VersionKind
from clinic.selectors.datasets import visible_dataset_versions
from clinic.services.once import made_before
from inference.models import UNFINISHED, ModelVersion, RunState, TrainingRun
from inference.selectors.training import images_by_part
from inference.services.operators import require_operator
from inference.services.training.doorbell import ring_for_training
from inference.services.training.suitability import checked_recipe, refuse_unsuitable
from inference.training.recipe import DataRecipe, Recipe

LARGEST_SEED = 2**31 - 1


@transaction.atomic
def request_training(
    *,
    version: DatasetVersion,
    recipe: str,
    start_from: ModelVersion | None = None,
    settings: Sequence[str] = (),
    seed: int = 1,
    actor: User | None,
    key: UUID | None = None,
) -> TrainingRun:
    """Queue one run; the machine that takes it leaves a candidate model.

    `settings` are `key=value` as `python -m inference.training train --set` takes them. `actor` is
    None on the command line. `key` is the form's: posted twice, it makes one run. Raises
    NotAllowed for people who are no model operators or may not see the version, InvalidInput for a
    recipe, settings or a version that cannot be trained.
    """
    require_operator(actor)
    _require_reach(version, actor)
    key = key or uuid4()
    if (earlier := made_before(TrainingRun, key, dataset_version_id=version.pk)) is not None:
        return earlier
    settings = [line.strip() for line in settings if line.strip()]
    if not 0 <= seed <= LARGEST_SEED:
        msg = f"The seed is a whole number from 0 to {LARGEST_SEED}."
        raise InvalidInput(msg, field="seed", code="seed_refused")
    checked = checked_recipe(name=recipe, settings=settings)
    if start_from is not None:
        _refuse_other_architecture(start_from, checked)
    refuse_unsuitable(parts=images_by_part(version), recipe=checked)
    # Two posts of one form at the same moment: the second finds the first one's row.
    run, _ = TrainingRun.objects.get_or_create(
        pk=key,
        defaults={
            "dataset_version": version,
            "recipe": recipe,
            "start_from": start_from,
            "settings": settings,
            "seed": seed,
            "requested_by": actor,
        },
    )
    once_on_commit(ring_for_training)
    return run


@transaction.atomic
def cancel_training(*, run: TrainingRun, actor: User | None) -> TrainingRun:
    """Stop it. One that waits ends here; one that is trained is ended by its machine, in seconds.

    Cancelling what has ended changes nothing. Raises NotAllowed for people who are no operators.
    """
    require_operator(actor)
    run = _locked(run)
    if run.state == RunState.QUEUED:
        run.state, run.finished_at = RunState.CANCELLED, timezone.now()
        run.stage = ""
        run.save(update_fields=["state", "finished_at", "stage"])
    elif run.state == RunState.RUNNING and run.cancel_requested_at is None:
        run.cancel_requested_at = timezone.now()
        run.save(update_fields=["cancel_requested_at"])
    return run


@transaction.atomic
def try_training_again(*, run: TrainingRun, actor: User | None) -> TrainingRun:
    """Queue a lost or failed run once more.

    The machine that still has its folder goes on after the last whole epoch; another one begins
    anew. Doing so twice is the same as once. Raises Conflict for a run that ended otherwise.
    """
    require_operator(actor)
    run = _locked(run)
    if run.state in UNFINISHED:
        return run
    if run.state not in {RunState.LOST, RunState.FAILED}:
        msg = "Only a run that failed or was lost can be tried again: start a new one."
        raise Conflict(msg, code="training_has_ended")
    refuse_unsuitable(
        parts=images_by_part(run.dataset_version),
        recipe=checked_recipe(name=run.recipe, settings=run.settings),
    )
    run.state, run.reason, run.stage = RunState.QUEUED, "", ""
    run.finished_at = run.cancel_requested_at = None
    run.save(update_fields=["state", "reason", "stage", "finished_at", "cancel_requested_at"])
    once_on_commit(ring_for_training)
    return run


def _locked(run: TrainingRun) -> TrainingRun:
    return TrainingRun.objects.select_for_update().get(pk=run.pk)


def _require_reach(version: DatasetVersion, actor: User | None) -> None:
    if version.kind == VersionKind.SEALED:
        msg = "A sealed test set is never trained on."
        raise NotAllowed(msg, code="version_is_sealed")
    if actor is not None and not visible_dataset_versions(actor).filter(pk=version.pk).exists():
        msg = "Only administrators of every organisation in a data set can train on it."
        raise NotAllowed(msg)


def _refuse_other_architecture(start_from: ModelVersion, recipe: DataRecipe) -> None:
    if not isinstance(recipe, Recipe):
        msg = f"The recipe {recipe.name} grows trees, which have no weights to start from."
        raise InvalidInput(msg, field="start_from", code="start_refused")
    if start_from.architecture != recipe.architecture:
        msg = (
            f"{start_from} is a {start_from.architecture} and the recipe {recipe.name} trains a "
            f"{recipe.architecture}: start from a model of the same architecture, or from none."
        )
        raise InvalidInput(msg, field="start_from", code="start_refused")
