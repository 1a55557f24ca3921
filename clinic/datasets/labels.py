"""How the opinions on a lesion and its pathology become one label."""

from collections.abc import Sequence
from typing import NamedTuple

from clinic.datasets.description import LabelSource

YEARS_APART = 5
OLDEST = 85
"""Above this an age may point to a person: the ISIC dictionary clips there too."""


class Opinion(NamedTuple):
    """One signed opinion on a lesion in a case.

    `role` is first, second, adjudication or amendment; `label` the class of `diagnosis`;
    `is_answer` marks the reading that is the case's answer; `model_shown` says that the model's
    answer had been shown to the reader before this opinion was given.
    """

    role: str
    diagnosis: str
    label: str
    is_answer: bool
    model_shown: bool


class Label(NamedTuple):
    """What a lesion is taken to be in one case, and why. `agreement` is a share of `readers`."""

    diagnosis: str
    label: str
    source: LabelSource
    readers: int
    agreement: float
    model_shown: bool


def resolve_label(opinions: Sequence[Opinion], pathology: tuple[str, str] | None) -> Label | None:
    """Pathology before adjudication before concordant reads before one read; None: not signed.

    `pathology` is the diagnosis and class of the result that counts. An amendment changes the
    answer but is no further reader: agreement is counted among the first, the second and the
    adjudicating reader.
    """
    answer = next((opinion for opinion in opinions if opinion.is_answer), None)
    if answer is None:
        return None
    readers = [opinion for opinion in opinions if opinion.role != "amendment"]
    diagnosis, label = pathology or (answer.diagnosis, answer.label)
    agreeing = sum(opinion.label == label for opinion in readers)
    if pathology:
        source = LabelSource.PATHOLOGY
    elif any(opinion.role == "adjudication" for opinion in readers):
        source = LabelSource.ADJUDICATION
    elif len(readers) > 1 and agreeing == len(readers):
        source = LabelSource.CONCORDANT
    else:
        source = LabelSource.SINGLE
    return Label(
        diagnosis=diagnosis,
        label=label,
        source=source,
        readers=len(readers),
        agreement=round(agreeing / len(readers), 4) if readers else 0.0,
        model_shown=any(opinion.model_shown for opinion in opinions),
    )


def clamped_age(years: int | None) -> int | None:
    """To the nearest multiple of five, at most 85, as `age_approx` of the ISIC dictionary."""
    if years is None:
        return None
    return min(OLDEST, YEARS_APART * ((years + YEARS_APART // 2) // YEARS_APART))
