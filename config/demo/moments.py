"""Doing something as a person, at a moment that has passed. Only the demo may.

Services ask `django.utils.timezone.now` for the time, and the database's triggers know who did it
from pghistory: both are told here. What the services check, store and refuse stays as it is.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from unittest import mock

import pghistory

from accounts.models import User


@contextmanager
def at(moment: datetime, person: User | None = None) -> Iterator[datetime]:
    """Within it, it is `moment`, and `person` is the one who acts."""
    who: dict[str, Any] = {"user": str(person.pk)} if person else {}
    clock = mock.patch("django.utils.timezone.now", return_value=moment)
    with clock, pghistory.context(**who):
        yield moment
