"""What a description would take today, counted."""

import time
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from uuid import UUID

from accounts.models import Organisation
from clinic.datasets.description import Description
from clinic.datasets.splits import rarest_labels, split_patients
from clinic.selectors.datasets.labelled import labelled_images

COUNTED = (
    "label", "diagnosis", "malignancy", "label_source", "confirmation", "sex", "age", "body_site",
    "skin_type", "image_kind", "organisation", "split",
)  # fmt: skip
# What stands in the record where nobody knew.
UNKNOWN = {"sex": "unknown", "body_site": "unknown", "confirmation": ""}


@dataclass
class Preview:
    """Counts of images by column and value; values are text, ages in steps of five years.

    `missing` counts the images of which a column is not known, `left_out` what was not taken, by
    reason. `seconds` is how long the counting took.
    """

    images: int = 0
    lesions: int = 0
    patients: int = 0
    by: dict[str, dict[str, int]] = field(default_factory=dict)
    label_by_sex: dict[str, dict[str, int]] = field(default_factory=dict)
    label_by_age: dict[str, dict[str, int]] = field(default_factory=dict)
    missing: dict[str, int] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def imbalance(self) -> float | None:
        """How many times larger the largest class is than the smallest; None without two."""
        sizes = self.by.get("label", {}).values()
        return max(sizes) / min(sizes) if len(sizes) > 1 else None


def preview_dataset(
    *, organisations: Collection[Organisation], description: Description
) -> Preview:
    """Count what would be frozen now. Nothing is written."""
    began = time.perf_counter()
    left_out: Counter[str] = Counter()
    by: dict[str, Counter[str]] = {column: Counter() for column in COUNTED}
    sexes: dict[str, Counter[str]] = {}
    ages: dict[str, Counter[str]] = {}
    missing: Counter[str] = Counter()
    lesions: set[UUID] = set()
    labels: dict[UUID, Counter[str]] = {}
    names = {organisation.pk: organisation.name for organisation in organisations}
    for image in labelled_images(organisations, description, left_out=left_out):
        label = image.label.label
        lesions.add(image.lesion_id)
        labels.setdefault(image.patient_id, Counter())[label] += 1
        values = {
            "label": label,
            "diagnosis": image.label.diagnosis,
            "malignancy": image.malignancy,
            "label_source": str(image.label.source),
            "confirmation": image.confirmation,
            "sex": image.sex,
            "age": "" if image.age is None else str(image.age),
            "body_site": image.body_site,
            "skin_type": str(image.skin_type or ""),
            "image_kind": image.image_kind,
            "organisation": names[image.organisation_id],
        }
        for column, value in values.items():
            if value == UNKNOWN.get(column, ""):
                missing[column] += 1
            else:
                by[column][value] += 1
        sexes.setdefault(label, Counter())[image.sex] += 1
        ages.setdefault(label, Counter())[values["age"]] += 1
    by["split"] = _split_sizes(labels, description)
    return Preview(
        images=sum(counts.total() for counts in labels.values()),
        lesions=len(lesions),
        patients=len(labels),
        by={column: dict(counts) for column, counts in by.items()},
        label_by_sex={label: dict(counts) for label, counts in sexes.items()},
        label_by_age={label: dict(counts) for label, counts in ages.items()},
        missing=dict(missing),
        left_out=dict(left_out),
        seconds=time.perf_counter() - began,
    )


def _split_sizes(labels: dict[UUID, Counter[str]], description: Description) -> Counter[str]:
    """About how many images each part gets: exact shares of patients, drawn without pseudonyms."""
    strata = {str(patient): label for patient, label in rarest_labels(labels).items()}
    sizes: Counter[str] = Counter()
    parts = split_patients(strata, description.shares, seed=description.seed)
    for patient, counts in labels.items():
        sizes[parts[str(patient)]] += counts.total()
    return sizes
