"""Twelve weeks that lie behind the demo: cases that were read, some twice, many confirmed.

The same seed gives the same weeks. Readers are right mostly, and wrong where people are: they miss
flat melanomas, and biopsy harmless moles.
"""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from clinic.models import Management
from clinic.synthetic.people import SyntheticPatient
from config.demo.plan import PlannedCase, PlannedRead, planned_case

WEEKS = 12
READERS = 3
SECOND_READ_SHARE = 0.2
# What a lesion that looks like this is in the taxonomy, and what it is taken for by mistake.
TRUTH = {
    "nv": "nevus",
    "mel": "melanoma",
    "bcc": "basal-cell-carcinoma",
    "akiec": "actinic-keratosis",
    "bkl": "seborrheic-keratosis",
    "df": "dermatofibroma",
    "vasc": "angioma",
}
TAKEN_FOR = {
    "nv": ("dysplastic-nevus", "melanoma"),
    "mel": ("nevus", "seborrheic-keratosis"),
    "bcc": ("actinic-keratosis", "nevus"),
    "akiec": ("seborrheic-keratosis", "basal-cell-carcinoma"),
    "bkl": ("melanoma", "solar-lentigo"),
    "df": ("nevus", "basal-cell-carcinoma"),
    "vasc": ("melanoma", "dermatofibroma"),
}
MALIGNANT = frozenset({"melanoma", "basal-cell-carcinoma", "bowen-disease"})
SUSPICIOUS = frozenset({"dysplastic-nevus", "actinic-keratosis"})
MISTAKES = 0.16
REMARKS = {
    "nevus": ("Regular network.", "Symmetric, two tones.", ""),
    "melanoma": ("Atypical network, off-centre blotch.", "Blue-white veil.", "Irregular streaks."),
    "basal-cell-carcinoma": ("Arborising vessels.", "Leaf-like areas at the edge."),
    "seborrheic-keratosis": ("Milia-like cysts and sharp border.", ""),
}


def plan_past(people: Sequence[SyntheticPatient], *, first: int, seed: int) -> list[PlannedCase]:
    """One case for each of these patients, over the weeks; every fifth comes two or three times.

    `first` is the number of the first of them. The oldest case comes first.
    """
    rng = random.Random(seed)  # noqa: S311 - repeatable, not secret
    cases = []
    for number, patient in enumerate(people):
        days = 5 + (WEEKS * 7 - 6) * (1 - number / max(1, len(people) - 1))
        planned = planned_case(first + number, patient)
        lesion = replace(planned.lesions[0], seed=1 + rng.randrange(2**30))
        cases += _visits(rng, replace(planned, lesions=(lesion,)), days, again=number % 5 == 2)
    return sorted(cases, key=lambda case: case.waiting, reverse=True)


def _visits(
    rng: random.Random, planned: PlannedCase, days: float, *, again: bool
) -> list[PlannedCase]:
    if not again:
        return [_read(rng, planned, days)]
    lesion, visits = replace(planned.lesions[0], name="followed", nearer=1.0001), []
    # Months before, then nearer and nearer to today, a little larger each time.
    for visit, before in enumerate([320, 140, 0][rng.randrange(2) :]):
        seen = replace(lesion, nearer=1.0001 + 0.07 * visit, turn=(-4.0, 3.0, 0.0)[visit])
        watched = before > 0
        case = replace(planned, lesions=(seen,), outlined=True)
        visits.append(_read(rng, case, days + before, watched=watched))
    return visits


def _read(
    rng: random.Random, planned: PlannedCase, days: float, *, watched: bool = False
) -> PlannedCase:
    looks_like = planned.lesions[0].looks_like
    truth = _truth(rng, looks_like)
    readers = rng.sample(range(READERS), READERS)
    count = 2 if rng.random() < SECOND_READ_SHARE and not watched else 1
    reads = [_opinion(rng, looks_like, reader, watched=watched) for reader in readers[:count]]
    # A third opinion is needed only where the two disagree; then it is the right one.
    reads += [PlannedRead(truth, _management(rng, truth), reader=readers[2])] if count == 2 else []
    return replace(
        planned,
        waiting=timedelta(days=round(days), hours=rng.uniform(-3, 5)),
        reads=tuple(reads),
        pathology=_pathology(rng, reads, truth, watched=watched),
    )


def _truth(rng: random.Random, looks_like: str) -> str:
    if looks_like == "mel" and rng.random() < 0.3:
        return "melanoma-in-situ"
    if looks_like == "nv" and rng.random() < 0.12:
        return "dysplastic-nevus"
    return TRUTH[looks_like]


def _opinion(rng: random.Random, looks_like: str, reader: int, *, watched: bool) -> PlannedRead:
    if watched:
        return PlannedRead("nevus", Management.MONITOR, "Compare at the next visit.", reader, 2)
    mistaken = rng.random() < MISTAKES
    code = rng.choice(TAKEN_FOR[looks_like]) if mistaken else TRUTH[looks_like]
    # Some mistakes are seen through once the model has been looked at.
    changed = mistaken and rng.random() < 0.4
    return PlannedRead(
        code,
        _management(rng, code),
        rng.choice(REMARKS.get(code, ("",))),
        reader,
        confidence=rng.choice((1, 2)) if mistaken else rng.choice((2, 3, 3)),
        changed_to=TRUTH[looks_like] if changed else "",
        reason="The model's answer made me look again." if changed else "",
    )


def _management(rng: random.Random, code: str) -> Management:
    if code in MALIGNANT or code.startswith("melanoma"):
        return Management.EXCISE
    if code in SUSPICIOUS:
        return Management.BIOPSY
    harmless = (Management.DISCHARGE, Management.DISCHARGE, Management.MONITOR)
    return rng.choice(harmless) if code == "nevus" else Management.DISCHARGE


def _pathology(
    rng: random.Random, reads: Sequence[PlannedRead], truth: str, *, watched: bool
) -> str:
    """What is cut out is looked at; now and then something else is confirmed as well."""
    cut = any(r.management in {Management.EXCISE, Management.BIOPSY} for r in reads)
    return truth if not watched and (cut or rng.random() < 0.3) else ""
