"""The workflow of reading: assigned, blind draft, committed, revealed, reconsidered, signed."""

from clinic.services.reading.amendment import amend_answer
from clinic.services.reading.assignment import (
    CaseTaken,
    assign_case,
    assign_next,
    keep_lock,
    release_case,
    release_expired_readings,
)
from clinic.services.reading.commit import commit_reading, reveal_opinion
from clinic.services.reading.drafts import (
    DraftConflict,
    TooLate,
    keep_first_opinion,
    reconsider_read,
    save_read,
)
from clinic.services.reading.missing import IncompleteRead
from clinic.services.reading.policy import change_reading_policy
from clinic.services.reading.signature import sign_reading

__all__ = [
    "CaseTaken",
    "DraftConflict",
    "IncompleteRead",
    "TooLate",
    "amend_answer",
    "assign_case",
    "assign_next",
    "change_reading_policy",
    "commit_reading",
    "keep_first_opinion",
    "keep_lock",
    "reconsider_read",
    "release_case",
    "release_expired_readings",
    "reveal_opinion",
    "save_read",
    "sign_reading",
]
