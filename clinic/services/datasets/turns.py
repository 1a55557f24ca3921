"""Freezing, sealing and withdrawing consent take turns."""

from django.db import connection

# Any number will do that no other advisory lock of the product uses.
LOCK = 5_204_177_326


def wait_for_turn() -> None:
    """Hold the lock until the transaction ends.

    Otherwise a consent withdrawn while a version is being frozen would leave no tombstone in it,
    and a patient could be sealed and frozen for training at the same moment.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
