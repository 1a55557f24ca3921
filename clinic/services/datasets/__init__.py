"""Every write to data sets. Keyword-only, verb-first; each owns its transaction."""

from clinic.services.datasets.consent import record_research_consent
from clinic.services.datasets.describe import describe_dataset, redescribe_dataset
from clinic.services.datasets.freeze import (
    Frozen,
    NoSealedTestSet,
    NothingToFreeze,
    freeze_dataset,
)
from clinic.services.datasets.seal import open_sealed_test_set, seal_test_set

__all__ = [
    "Frozen",
    "NoSealedTestSet",
    "NothingToFreeze",
    "describe_dataset",
    "freeze_dataset",
    "open_sealed_test_set",
    "record_research_consent",
    "redescribe_dataset",
    "seal_test_set",
]
