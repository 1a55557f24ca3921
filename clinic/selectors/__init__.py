"""Every read of the record: which rows may this person see."""

from clinic.selectors.cases import (
    WORKLIST_ORDER,
    cases_ahead,
    count_by_priority,
    filter_worklist,
    next_to_read,
    visible_cases,
    with_pictures,
    worklist,
    worklist_counts,
)
from clinic.selectors.diagnoses import (
    Taxonomy,
    current_taxonomy_version,
    diagnoses_in_use,
    selectable_diagnoses,
    taxonomy,
)
from clinic.selectors.images import visible_images
from clinic.selectors.lesions import visible_lesions, visible_pathology
from clinic.selectors.patients import search_patients, similar_patients, visible_patients
from clinic.selectors.reads import own_drafts, signed_reads, visible_reads

__all__ = [
    "WORKLIST_ORDER",
    "Taxonomy",
    "cases_ahead",
    "count_by_priority",
    "current_taxonomy_version",
    "diagnoses_in_use",
    "filter_worklist",
    "next_to_read",
    "own_drafts",
    "search_patients",
    "selectable_diagnoses",
    "signed_reads",
    "similar_patients",
    "taxonomy",
    "visible_cases",
    "visible_images",
    "visible_lesions",
    "visible_pathology",
    "visible_patients",
    "visible_reads",
    "with_pictures",
    "worklist",
    "worklist_counts",
]
