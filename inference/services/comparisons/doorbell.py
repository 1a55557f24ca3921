"""The bell of comparisons and rescorings. One that does not ring loses nothing: a sweep rings."""

from accounts.doorbell import BELL_LIVES_SECONDS, send_task


def ring_for_comparisons() -> None:
    """Send one `promotion_task`. Never raises because of the broker, never takes long."""
    from inference.tasks import promotion_task

    send_task(promotion_task, expires=BELL_LIVES_SECONDS)
