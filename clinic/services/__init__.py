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
from clinic.services.pathology import record_pathology
from clinic.services.patients import amend_patient, register_patient
from clinic.services.reads import IncompleteRead, SignedByAnother, save_read, sign_case
from clinic.services.taxonomy import load_taxonomy

__all__ = [
    "IncompleteRead",
    "SignedByAnother",
    "add_image",
    "amend_case",
    "amend_lesion",
    "amend_patient",
    "cancel_case",
    "change_image_kind",
    "load_taxonomy",
    "log_access",
    "move_image",
    "record_case_malignancy",
    "record_pathology",
    "register_lesion",
    "register_patient",
    "remove_image",
    "save_read",
    "sign_case",
    "start_case",
    "submit_case",
]
