"""The bell of the predictions. One that does not ring loses nothing: the sweep finds the rows."""

from accounts.doorbell import BELL_LIVES_SECONDS, once_on_commit, send_task


def ring_on_commit() -> None:
    """Ring once when the current transaction commits, however often this is called within it."""
    once_on_commit(ring_doorbell)


def ring_doorbell() -> None:
    """Send one `drain_task`. Never raises because of the broker, never takes long."""
    from inference.tasks import drain_task

    send_task(drain_task, expires=BELL_LIVES_SECONDS)
