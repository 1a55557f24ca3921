"""Dividing patients into training, validation and test."""

import hashlib
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

Patient = TypeVar("Patient", bound=Hashable)


def rarest_labels(labels: Mapping[Patient, Iterable[str]]) -> dict[Patient, str]:
    """The rarest label of each patient, so that rare classes are divided as evenly as common ones.

    `labels` are the labels of each patient's images; a tie goes to the first in the alphabet.
    """
    patients_with: Counter[str] = Counter()
    for found in labels.values():
        patients_with.update(set(found))
    return {
        patient: min(set(found), key=lambda label: (patients_with[label], label))
        for patient, found in labels.items()
    }


def split_patients(
    strata: Mapping[str, str], shares: Sequence[tuple[str, float]], *, seed: int
) -> dict[str, str]:
    """The part of each patient; `strata` is the rarest label by patient pseudonym.

    `shares` are names and shares that add up to 1. Within each stratum patients come in an order
    that the seed alone decides, and each goes to the part that is furthest behind its share, so the
    parts have their shares of every stratum to within one patient or so. The same patients, labels
    and seed give the same parts.
    """
    parts: dict[str, str] = {}
    assigned = dict.fromkeys((name for name, _ in shares), 0)
    ordered = sorted(strata, key=lambda patient: (strata[patient], _draw(seed, patient)))
    for place, patient in enumerate(ordered, start=1):
        name = max(shares, key=lambda part: part[1] * place - assigned[part[0]])[0]
        assigned[name] += 1
        parts[patient] = name
    return parts


def _draw(seed: int, patient: str) -> bytes:
    return hashlib.sha256(f"{seed}:{patient}".encode()).digest()
