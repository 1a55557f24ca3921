"""Tasks of active learning: once a night, one message an organisation."""

from celery import shared_task

PICKS_KEEP_SECONDS = 12 * 3600


# What was not begun by the next evening is begun by the next night's.
@shared_task(time_limit=120, soft_time_limit=100, expires=PICKS_KEEP_SECONDS)
def pick_everywhere_task() -> int:
    """Ask for new picks in every organisation that is active; returns how many."""
    from accounts.doorbell import send_task
    from accounts.models import Organisation

    keys = list(Organisation.objects.filter(is_active=True).values_list("pk", flat=True))
    for key in keys:
        send_task(pick_cases_task, str(key), expires=PICKS_KEEP_SECONDS)
    return len(keys)


@shared_task(time_limit=1200, soft_time_limit=1140)
def pick_cases_task(key: str) -> int:
    """Put the waiting cases of one organisation in the order of learning. Safe to run twice."""
    from accounts.models import Organisation
    from inference.services.learning import pick_cases

    return len(pick_cases(organisation=Organisation.objects.get(pk=key)))
