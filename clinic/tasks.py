"""Tasks of the clinic. They take no work with them: the rows say what there is to do."""

import time

from celery import shared_task

from clinic.selectors.dataset_exports import exports_due
from clinic.services.dataset_exports import (
    claim_export,
    expire_exports,
    give_up_what_kills_export_workers,
    remove_ended_exports,
    ring_for_exports,
    write_export,
)
from clinic.services.news_letters import send_news
from clinic.services.reading import release_expired_readings
from clinic.services.renditions import (
    anything_due,
    claim_rendition,
    fulfil_claim,
    give_up_what_kills_workers,
    queue_missing_renditions,
    ring_for_renditions,
)

TURN_SECONDS = 20
"""After this long other tasks get their turn: a clinician's answer is worth more than a rendition
of a data set."""


# Shorter than a claim lasts. Nothing is lost by either limit, because the row is still there.
@shared_task(time_limit=250, soft_time_limit=240)
def make_renditions_task() -> int:
    """Make renditions until none is due or the turn is over. Returns how many were made."""
    until = time.monotonic() + TURN_SECONDS
    made = 0
    while (claimed := claim_rendition()) is not None:
        made += fulfil_claim(claimed=claimed)
        if time.monotonic() > until:
            ring_for_renditions()
            break
    return made


# Beat goes on while no worker runs: what is older than the next sweep is dropped unread.
@shared_task(time_limit=120, soft_time_limit=100, expires=60)
def sweep_renditions_task() -> str:
    """Queue what is missing, give up what kills workers, and wake a worker if anything is due."""
    missing = queue_missing_renditions()
    given_up = give_up_what_kills_workers()
    if not missing and anything_due():
        ring_for_renditions()
    return f"{missing} queued, {given_up} given up"


# A mail server that hangs is left alone after EMAIL_TIMEOUT; what was not sent is sent next time.
@shared_task(time_limit=240, soft_time_limit=220, expires=60)
def send_notifications_task() -> int:
    """E-mail people about their news. Returns how many mails went out."""
    return send_news()


@shared_task(time_limit=120, soft_time_limit=100, expires=60)
def release_expired_readings_task() -> int:
    """Give back the cases of readers who are gone. Returns how many."""
    return release_expired_readings()


# A turn is over after a minute; one table over a million rows may take longer than that.
@shared_task(time_limit=30 * 60, soft_time_limit=29 * 60)
def write_exports_task() -> bool:
    """Write one export for a turn, and ring for the next one. Returns whether it is ready."""
    claim = claim_export()
    is_ready = claim is not None and write_export(claim=claim)
    if claim is not None and exports_due().exists():
        ring_for_exports()
    return is_ready


@shared_task(time_limit=600, soft_time_limit=580, expires=60)
def sweep_exports_task() -> str:
    """End what is over, remove its files, give up what kills workers, wake one if any is due."""
    given_up = give_up_what_kills_export_workers()
    expired = expire_exports()
    removed = remove_ended_exports()
    if exports_due().exists():
        ring_for_exports()
    return f"{given_up} given up, {expired} expired, {removed} removed"
