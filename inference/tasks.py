"""Tasks. They take no work with them: the rows say what there is to do."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

# Its signal handlers must be known to the parent process before it forks.
from inference.worker import lifecycle  # noqa: F401


@shared_task
def drain_task() -> int:
    """Answer the images that wait, until none is left. Returns how many rows were stored.

    A message that finds nothing to do ends at once. A long queue is handed over after some
    minutes, so that other tasks get their turn.
    """
    from inference.services.doorbell import ring_doorbell
    from inference.worker.drain import Drain
    from inference.worker.lifecycle import stop_is_asked_for

    report = Drain().run()
    if not report.is_finished and not stop_is_asked_for():
        ring_doorbell()
    return report.stored


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
