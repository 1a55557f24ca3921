"""Data sets: who may see which, what the record offers, what a frozen version says."""

from clinic.selectors.datasets.labelled import (
    LEFT_OUT_REASONS,
    LabelledImage,
    label_classes,
    labelled_images,
)
from clinic.selectors.datasets.preview import Preview, preview_dataset
from clinic.selectors.datasets.rows import manifest_rows, open_rows
from clinic.selectors.datasets.visible import (
    sealed_test_sets,
    visible_dataset_versions,
    visible_datasets,
)

__all__ = [
    "LEFT_OUT_REASONS",
    "LabelledImage",
    "Preview",
    "label_classes",
    "labelled_images",
    "manifest_rows",
    "open_rows",
    "preview_dataset",
    "sealed_test_sets",
    "visible_dataset_versions",
    "visible_datasets",
]
