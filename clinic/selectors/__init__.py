"""Every read of the record: which rows may this person see."""

from clinic.selectors.cases import visible_cases, worklist, worklist_counts
from clinic.selectors.diagnoses import current_taxonomy_version, selectable_diagnoses
from clinic.selectors.images import visible_images
from clinic.selectors.lesions import visible_lesions, visible_pathology
from clinic.selectors.patients import search_patients, similar_patients, visible_patients
from clinic.selectors.reads import visible_reads

__all__ = [
    "current_taxonomy_version",
    "search_patients",
    "selectable_diagnoses",
    "similar_patients",
    "visible_cases",
    "visible_images",
    "visible_lesions",
    "visible_pathology",
    "visible_patients",
    "visible_reads",
    "worklist",
    "worklist_counts",
]
