"""Tasks. They take no work with them: the rows say what there is to do."""

from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.utils import timezone

# Celery looks for tasks in this module alone; and the signal handlers must be known to the parent
# process before it forks.
from inference.tasks_learning import pick_cases_task, pick_everywhere_task  # noqa: F401
from inference.worker import lifecycle


@shared_task
def drain_task() -> int:
    """Answer the images that wait, until none is left. Returns how many rows were stored.

    A message that finds nothing to do ends at once. A long queue is handed over after some
    minutes, so that other tasks get their turn.
    """
    from inference.services.comparisons.doorbell import ring_for_comparisons
    from inference.services.doorbell import ring_doorbell
    from inference.services.rescoring import something_is_promoted
    from inference.worker.drain import Drain
    from inference.worker.lifecycle import stop_is_asked_for

    report = Drain().run()
    if not report.is_finished and not stop_is_asked_for():
        ring_doorbell()
    if report.is_finished and something_is_promoted():
        ring_for_comparisons()
    return report.stored


@shared_task(time_limit=1800, soft_time_limit=1700, expires=60)
def promotion_task() -> str:
    """Go on with rescorings, and judge the comparisons whose answers are complete.

    Safe to run twice, also at the same time. Beat asks every minute, so no lost message matters.
    """
    from inference.services.rescoring import continue_rescorings
    from inference.worker.comparing import finish_comparisons

    queued = continue_rescorings()
    return f"{finish_comparisons()} comparisons ended, {queued} old images queued"


@shared_task(time_limit=600, soft_time_limit=570)
def prepare_model_task(key: str) -> str:
    """Prepare an installed model for service. Safe to run twice."""
    from inference.models import ModelVersion
    from inference.worker.preparation import prepare_model

    version = prepare_model(version=ModelVersion.objects.get(pk=key))
    return version.preparation_error or f"{version} is prepared"


# Beat goes on while no worker runs: what is older than the next sweep is dropped unread.
@shared_task(time_limit=120, soft_time_limit=100, expires=60)
def sweep_task() -> str:
    """Take back what dead workers held, and wake a worker if anything waits."""
    from inference.selectors.models import active_model, awaiting_preparation
    from inference.services.doorbell import ring_doorbell
    from inference.services.installation import ask_for_preparation
    from inference.services.leases import anything_due, take_back_expired_leases
    from inference.services.outcomes import refresh_case_malignancy, stale_cases
    from inference.services.states import queue_unanswered

    taken = take_back_expired_leases()
    cases = stale_cases()
    refresh_case_malignancy(cases=cases)
    for version in awaiting_preparation():
        ask_for_preparation(version.pk)
    active = active_model()
    if active is not None:
        a_minute_ago = timezone.now() - timedelta(minutes=1)
        queue_unanswered(version=active, stored_before=a_minute_ago)
    if anything_due():
        ring_doorbell()
    return f"{taken.queued} queued again, {taken.failed} failed, {len(cases)} cases refreshed"


# Acknowledged when it begins: a message that is held for days would be delivered again and again.
# Nothing is lost by it, because the row says that the run waits, or whose it is.
@shared_task(
    acks_late=False,
    time_limit=settings.TRAINING_HOURS * 3600 + 600,
    soft_time_limit=settings.TRAINING_HOURS * 3600,
)
def train_task() -> str:
    """Train what waits longest. A message that finds nothing to do ends at once."""
    from inference.services.training.doorbell import ring_for_training
    from inference.services.training.leases import training_waits
    from inference.worker.training.job import train_next

    run = train_next()
    if training_waits() and not lifecycle.stop_is_asked_for():
        ring_for_training()
    return "nothing waits" if run is None else f"{run}: {run.get_state_display()}"


@shared_task(time_limit=120, soft_time_limit=100, expires=60)
def sweep_training_task() -> str:
    """End the runs of machines that died, and wake a machine if a run waits."""
    from inference.services.training.doorbell import ring_for_training
    from inference.services.training.leases import take_back_lost_trainings, training_waits

    lost = take_back_lost_trainings()
    if training_waits():
        ring_for_training()
    return f"{lost} lost"


@shared_task(time_limit=600, soft_time_limit=570, expires=3600)
def tidy_training_task() -> str:
    """On the training machine: remove the folders of runs that need them no longer."""
    from inference.services.training.endings import finished_runs
    from inference.worker.training.folder import tidy_folders

    return f"{tidy_folders(finished_runs())} removed"


# Counted anew every hour: what is older than that is dropped unread.
@shared_task(time_limit=600, soft_time_limit=570, expires=60 * 60)
def watch_models_task() -> int:
    """Open and close the alerts about the active model. Returns how many are open."""
    from inference.services.monitoring import watch_models

    return watch_models()
