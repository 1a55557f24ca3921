"""The bell of the training queue. One that does not ring loses nothing: a sweep finds the rows."""

from accounts.doorbell import BELL_LIVES_SECONDS, send_task


def ring_for_training() -> None:
    """Send one `train_task`. Never raises because of the broker, never takes long."""
    from inference.tasks import train_task

    send_task(train_task, expires=BELL_LIVES_SECONDS)
