"""Who was right: what readers signed, beside what pathology found. It rewrites no read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from accounts.models import User
from clinic.models import (
    Case,
    ConfirmationMethod,
    Diagnosis,
    Malignancy,
    PathologyResult,
    Read,
    Reading,
)
from clinic.selectors.diagnoses import with_parents
from clinic.selectors.lesions import visible_pathology
from clinic.selectors.reads import signed_readings

# The most certain first.
CERTAINTY = {method: rank for rank, method in enumerate(ConfirmationMethod)}


@dataclass(frozen=True)
class Verdict:
    """An opinion beside the truth.

    `on_malignancy`: both call the lesion benign, or neither does: a reader's "indeterminate" is a
    suspicion. None where the truth itself is indeterminate and the reader said something else.
    `on_class`: of the same class as models know it (HAM10000; a melanoma in situ is a melanoma), or
    the same diagnosis where it has no such class.
    """

    on_malignancy: bool | None
    on_class: bool


@dataclass(frozen=True)
class ReaderVerdict:
    """What one signed reading says of a lesion, and whether it was right."""

    reading: Reading
    read: Read
    verdict: Verdict


@dataclass(frozen=True)
class LesionVerdicts:
    """A lesion that was confirmed. `results` are all of them, the most certain first."""

    truth: PathologyResult
    results: list[PathologyResult]
    readers: list[ReaderVerdict] = field(default_factory=list)


def class_of_each_diagnosis() -> dict[int, str]:
    """The class by primary key: the node's own, else that of a node above it, else its code."""
    return {node.pk: node.kind for node in with_parents(Diagnosis.objects.all())}


def verdict_on(said: Diagnosis, found: Diagnosis, *, classes: Mapping[int, str]) -> Verdict:
    """Whether what was said agrees with what was found; `classes` by `class_of_each_diagnosis`."""
    on_malignancy: bool | None
    if found.malignancy == Malignancy.INDETERMINATE:
        on_malignancy = True if said.malignancy == Malignancy.INDETERMINATE else None
    else:
        suspected = said.malignancy != Malignancy.BENIGN
        on_malignancy = suspected == (found.malignancy == Malignancy.MALIGNANT)
    return Verdict(on_malignancy, on_class=classes[said.pk] == classes[found.pk])


def by_certainty(results: Iterable[PathologyResult]) -> list[PathologyResult]:
    """The most certain result first; of equally certain ones the newest."""
    newest = sorted(results, key=lambda result: result.created_at, reverse=True)
    return sorted(newest, key=lambda result: CERTAINTY[ConfirmationMethod(result.method)])


def case_verdicts(
    user: User, case: Case, *, signed: Iterable[Reading] | None = None
) -> dict[UUID, LesionVerdicts]:
    """The confirmed lesions of a case, by key, with every signed reading that the person may see.

    `signed` are these readings with their reads, where they are loaded already. Six queries at
    most, however many lesions and readings there are.
    """
    found: dict[UUID, list[PathologyResult]] = {}
    for result in (
        visible_pathology(user)
        .filter(lesion__images__case=case)
        .select_related("diagnosis", "recorded_by", "lesion")
        .distinct()
    ):
        found.setdefault(result.lesion_id, []).append(result)
    verdicts = {
        lesion: LesionVerdicts(truth=results[0], results=results)
        for lesion, unsorted in found.items()
        if (results := by_certainty(unsorted))
    }
    if not verdicts:
        return {}
    classes = class_of_each_diagnosis()
    for reading in signed_readings(user, case) if signed is None else signed:
        for read in reading.reads.all():
            if read.stands and read.diagnosis and read.lesion_id in verdicts:
                lesion = verdicts[read.lesion_id]
                verdict = verdict_on(read.diagnosis, lesion.truth.diagnosis, classes=classes)
                lesion.readers.append(ReaderVerdict(reading, read, verdict))
    return verdicts
