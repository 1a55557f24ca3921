"""Every read of the record: which rows may this person see."""

from clinic.selectors.blindness import (
    may_see_model,
    may_see_readings,
    unblinded_cases,
    unsealed_cases,
)
from clinic.selectors.cases import visible_cases, with_pictures
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
from clinic.selectors.reading_policies import reading_policy
from clinic.selectors.reads import (
    answer_reads,
    own_drafts,
    own_reading,
    own_reads,
    signed_readings,
    visible_readings,
    visible_reads,
)
from clinic.selectors.worklist import (
    WorklistOrder,
    cases_ahead,
    count_by_priority,
    filter_worklist,
    next_to_read,
    ordered_worklist,
    with_learning_rank,
    worklist,
    worklist_counts,
    worklist_order,
)

__all__ = [
    "Taxonomy",
    "WorklistOrder",
    "answer_reads",
    "cases_ahead",
    "count_by_priority",
    "current_taxonomy_version",
    "diagnoses_in_use",
    "filter_worklist",
    "may_see_model",
    "may_see_readings",
    "next_to_read",
    "ordered_worklist",
    "own_drafts",
    "own_reading",
    "own_reads",
    "reading_policy",
    "search_patients",
    "selectable_diagnoses",
    "signed_readings",
    "similar_patients",
    "taxonomy",
    "unblinded_cases",
    "unsealed_cases",
    "visible_cases",
    "visible_images",
    "visible_lesions",
    "visible_pathology",
    "visible_patients",
    "visible_readings",
    "visible_reads",
    "with_learning_rank",
    "with_pictures",
    "worklist",
    "worklist_counts",
    "worklist_order",
]
