"""Every write to the record. Keyword-only, verb-first; each owns its transaction."""

from clinic.services.access import log_access
from clinic.services.cases import (
    amend_case,
    cancel_case,
    record_case_malignancy,
    start_case,
    submit_case,
)
from clinic.services.images import add_image, change_image_kind, move_image, remove_image
from clinic.services.lesions import amend_lesion, register_lesion
from clinic.services.notifications import mark_news_read
from clinic.services.pathology import record_pathology
from clinic.services.patients import amend_patient, register_patient
from clinic.services.reading import (
    CaseTaken,
    DraftConflict,
    IncompleteRead,
    TooLate,
    amend_answer,
    assign_case,
    assign_next,
    change_reading_policy,
    commit_reading,
    keep_first_opinion,
    keep_lock,
    reconsider_read,
    release_case,
    release_expired_readings,
    reveal_opinion,
    save_read,
    sign_reading,
)
from clinic.services.taxonomy import load_taxonomy

__all__ = [
    "CaseTaken",
    "DraftConflict",
    "IncompleteRead",
    "TooLate",
    "add_image",
    "amend_answer",
    "amend_case",
    "amend_lesion",
    "amend_patient",
    "assign_case",
    "assign_next",
    "cancel_case",
    "change_image_kind",
    "change_reading_policy",
    "commit_reading",
    "keep_first_opinion",
    "keep_lock",
    "load_taxonomy",
    "log_access",
    "mark_news_read",
    "move_image",
    "reconsider_read",
    "record_case_malignancy",
    "record_pathology",
    "register_lesion",
    "register_patient",
    "release_case",
    "release_expired_readings",
    "remove_image",
    "reveal_opinion",
    "save_read",
    "sign_reading",
    "start_case",
    "submit_case",
]
