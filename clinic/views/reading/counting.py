"""The seconds at which the reader was at the page, which the last step brings along."""

from contextlib import suppress

from accounts.errors import Conflict
from accounts.models import User
from clinic.models import Case
from clinic.services import keep_lock


def count_time(*, case: Case, reader: User, seconds: int) -> None:
    """Count them; whether the case may be read is for the step itself to say."""
    if seconds:
        with suppress(Conflict):
            keep_lock(case=case, reader=reader, active_seconds=seconds)
