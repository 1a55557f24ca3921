"""The words for what a data set asks for and what its manifest says."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from django.utils.formats import date_format

from accounts.models import Organisation
from clinic.datasets.description import ConsentScope, Description, LabelSource
from clinic.models import Diagnosis, ImageKind
from clinic.selectors.diagnoses import diagnoses_in_use

NBSP = "\u00a0"
SOURCES = {
    LabelSource.PATHOLOGY: "Pathology",
    LabelSource.ADJUDICATION: "Adjudication",
    LabelSource.CONCORDANT: "Two readers who agree",
    LabelSource.SINGLE: "One reader",
}
SOURCE_HINTS = {
    LabelSource.PATHOLOGY: "histology, confocal microscopy, follow-up or a consensus of the lesion",
    LabelSource.ADJUDICATION: "a third dermatologist decided where two differed",
    LabelSource.CONCORDANT: "all who read the case signed the same class",
    LabelSource.SINGLE: "one dermatologist read, or the answer where readers did not agree",
}
CONSENTS = {
    ConsentScope.TRAINING: "To train this clinic's models",
    ConsentScope.SHARING: "To train models and be passed on to researchers",
}
SPLITS = {"train": "Training", "validation": "Validation", "test": "Test"}


class Fact(NamedTuple):
    """A line of a list of names and values."""

    name: str
    value: str


class ClassName(NamedTuple):
    """A class as people name it, with its meaning."""

    name: str
    malignancy: str


def class_names() -> dict[str, ClassName]:
    """Names by HAM10000 code and by the taxonomy's own code; one query."""
    nodes = list(diagnoses_in_use())
    names = {node.code: _class_name(node) for node in nodes}
    return names | {node.ham10000: _class_name(node) for node in nodes if node.ham10000}


def _class_name(node: Diagnosis) -> ClassName:
    return ClassName(node.name, node.malignancy)


def described(
    description: Description,
    organisations: Iterable[Organisation],
    classes: Mapping[str, ClassName],
) -> list[Fact]:
    """A description line by line."""
    kinds = [str(ImageKind(kind).label) for kind in ImageKind if kind in description.image_kinds]
    chosen = [classes[code].name if code in classes else code for code in description.classes]
    sources = [SOURCES[source] for source in LabelSource if source in description.label_sources]
    return [
        Fact("Organisations", ", ".join(organisation.name for organisation in organisations)),
        Fact("Signed", days(description.signed_from, description.signed_to)),
        Fact("Diagnoses", ", ".join(chosen) or "All"),
        Fact("Images", ", ".join(kinds) or "All kinds"),
        Fact("Labels from", ", ".join(sources)),
        Fact("Agreement", _agreement(description.minimum_agreement)),
        Fact("Consent", CONSENTS[ConsentScope(description.consent)]),
        Fact("Divided by patient", shares(description)),
        Fact("Seed", str(description.seed)),
    ]


def days(first: date | None, last: date | None) -> str:
    """From when to when, both days included."""
    if first and last:
        return f"From {_day(first)} to {_day(last)}"
    if first:
        return f"From {_day(first)} on"
    return f"Until {_day(last)}" if last else "On any day"


def shares(description: Description) -> str:
    """`70 % training, 15 % validation, 15 % test`."""
    return ", ".join(
        f"{per_cent(share)} {SPLITS[name].lower()}" for name, share in description.shares
    )


def per_cent(share: float) -> str:
    """A share that somebody chose, with as many digits as it has."""
    return f"{round(100 * share, 2):g}{NBSP}%"


def _agreement(share: float) -> str:
    if not share:
        return "However far the readers agree"
    return f"At least {per_cent(share)} of the readers; pathology needs none"


def _day(day: date) -> str:
    return str(date_format(day, "j M Y"))
