"""The counts of a data set: of a preview, or of a version when it was frozen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from clinic.models import DatasetVersion
from clinic.selectors.datasets import Preview
from clinic.selectors.datasets.classes import ClassCounts
from clinic.selectors.datasets.preview import UNKNOWN

Counts = Mapping[str, int]


@dataclass(frozen=True)
class Contents:
    """Counts of images, as `Preview` has them; of a preview, or of a version when it was frozen."""

    images: int
    lesions: int
    patients: int
    by: Mapping[str, Counts]
    label_by_sex: Mapping[str, Counts]
    label_by_age: Mapping[str, Counts]
    missing: Counts
    left_out: Counts = field(default_factory=dict)

    @classmethod
    def of_preview(cls, preview: Preview) -> Self:
        """What would be frozen now."""
        return cls(
            images=preview.images,
            lesions=preview.lesions,
            patients=preview.patients,
            by=preview.by,
            label_by_sex=preview.label_by_sex,
            label_by_age=preview.label_by_age,
            missing=preview.missing,
            left_out=preview.left_out,
        )

    @classmethod
    def of_version(cls, version: DatasetVersion, classes: ClassCounts) -> Self:
        """What was frozen, rows that were withdrawn since included."""
        by = {
            column: {value: n for value, n in counts.items() if value != UNKNOWN.get(column, "")}
            for column, counts in version.counts.items()
        }
        missing = {
            column: counts[UNKNOWN.get(column, "")]
            for column, counts in version.counts.items()
            if UNKNOWN.get(column, "") in counts
        }
        return cls(
            images=version.image_count,
            lesions=version.lesion_count,
            patients=version.patient_count,
            by=by,
            label_by_sex=classes.by_sex,
            label_by_age=classes.by_age,
            missing=missing,
            left_out=version.left_out,
        )
