"""What the columns of a row mean, in words: for the card, for Croissant and for Parquet."""

from collections.abc import Callable
from operator import itemgetter
from typing import Any, NamedTuple

from clinic.datasets.manifest import ManifestRow


class Column(NamedTuple):
    """`kind` is integer, number, truth or text."""

    name: str
    kind: str
    meaning: str


COLUMNS = (
    Column("number", "integer", "Number of the row, from 1; a withdrawn row leaves a gap"),
    Column("image", "text", "Pseudonym of the image; its file is named after it"),
    Column("sha256", "text", "SHA-256 (hexadecimal) of the image file"),
    Column("width", "integer", "Width of the upright image in pixels"),
    Column("height", "integer", "Height of the upright image in pixels"),
    Column("media_type", "text", "Type of the image file: JPEG, PNG, WebP or HEIC"),
    Column("size_bytes", "integer", "Size of the image file in bytes"),
    Column("organisation", "text", "Pseudonym of the organisation"),
    Column("patient", "text", "Pseudonym of the patient, the same in all data of an organisation"),
    Column("lesion", "text", "Pseudonym of the lesion, the same in all data of an organisation"),
    Column("visit", "text", "Pseudonym of the visit"),
    Column("label", "text", "Class that models learn: a code of HAM10000 where it has one"),
    Column("diagnosis", "text", "Diagnosis in the taxonomy, finer than the class"),
    Column("malignancy", "text", "benign, indeterminate or malignant"),
    Column("label_source", "text", "pathology, adjudication, concordant (reads) or single (read)"),
    Column("confirmation", "text", "histo, confocal, follow_up, consensus, or empty"),
    Column("readers", "integer", "How many readers signed an opinion"),
    Column("agreement", "number", "Share of the readers (0 to 1) who signed this class"),
    Column("model_shown", "truth", "Whether a reader had seen a model's answer before the opinion"),
    Column("sex", "text", "female, male, other or unknown"),
    Column("age", "integer", "Age in years, a multiple of five, at most 85; empty if unknown"),
    Column("body_site", "text", "Where on the body"),
    Column("skin_type", "integer", "Fitzpatrick skin type, 1 to 6; empty if unknown"),
    Column("image_kind", "text", "dermoscopic, close_up or overview"),
    Column("split", "text", "train, validation or test; a patient is in one only"),
    Column("consent", "text", "training (of models) or sharing (as well)"),
)
BY_NAME = {column.name: column for column in COLUMNS}


def values_of(*names: str) -> Callable[[ManifestRow], tuple[Any, ...]]:
    """A quick way to several columns of a row, at least two."""
    return itemgetter(*map(ManifestRow._fields.index, names))
