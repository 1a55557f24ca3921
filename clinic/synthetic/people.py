"""Patients who do not exist, with the lesions and questions they come with. No numpy needed.

The same seed and day give the same people, so that a demo filled twice is filled once.
"""

import random
from dataclasses import dataclass
from datetime import date, timedelta

from clinic.synthetic.complaints import ACRAL, HISTORIES, QUESTIONS, SITES
from clinic.synthetic.names import ANY, FAMILY, FEMALE, MALE

MIDDLE_SITES = frozenset({"scalp", "face", "neck", "chest", "abdomen", "back", "genital", "oral"})
FRONT_SITES = frozenset({"face", "chest", "abdomen", "genital", "oral"})
BACK_SITES = frozenset({"back", "buttock"})

_TYPES = (1, 2, 3, 4, 5, 6)
_TYPE_WEIGHTS = (8, 28, 28, 18, 11, 7)
# Weight of each diagnosis until 35, until 60 and beyond: a guess with the right tendency.
_BY_AGE: dict[str, tuple[int, int, int]] = {
    "nv": (78, 55, 25),
    "mel": (6, 12, 16),
    "bkl": (2, 12, 24),
    "bcc": (1, 9, 18),
    "akiec": (0, 4, 12),
    "vasc": (6, 4, 3),
    "df": (7, 4, 2),
}


@dataclass(frozen=True, slots=True)
class SyntheticLesion:
    """A lesion and the case it is shown in. `diagnosis` is HAM10000's code, to draw it by with
    `image_seed`; `side` and `view` as on the body map; `urgent` when its clinician is worried."""

    body_site: str
    side: str
    view: str
    diagnosis: str
    history: str
    question: str
    first_seen_on: date
    urgent: bool
    image_seed: int


@dataclass(frozen=True, slots=True)
class SyntheticPatient:
    """A person made up. The medical record number says so, and so does `is_synthetic`."""

    medical_record_number: str
    given_name: str
    family_name: str
    sex: str
    birth_date: date
    fitzpatrick_type: int
    lesions: tuple[SyntheticLesion, ...]
    is_synthetic: bool = True


def make_people(
    count: int, *, today: date, seed: int = 0, first_number: int = 1
) -> list[SyntheticPatient]:
    """`count` patients with consecutive medical record numbers from `first_number` on."""
    return [
        make_patient(number, today=today, seed=seed)
        for number in range(first_number, first_number + count)
    ]


def make_patient(number: int, *, today: date, seed: int = 0) -> SyntheticPatient:
    """The patient with this number: always the same one for a seed and a day."""
    # Not for secrets: a repeatable cast is the purpose.
    rng = random.Random(f"{seed}/{number}")  # noqa: S311
    sex = rng.choices(("female", "male", "other", "unknown"), (49, 47, 3, 1))[0]
    given = {"female": FEMALE, "male": MALE}.get(sex, ANY)
    age = min(97, max(4, round(rng.triangular(4, 95, 55))))
    birth_date = today - timedelta(days=round(age * 365.25) + rng.randrange(365))
    fitzpatrick = rng.choices(_TYPES, _TYPE_WEIGHTS)[0]
    lesions = rng.choices((1, 2, 3, 5), (60, 25, 11, 4))[0]
    return SyntheticPatient(
        medical_record_number=f"SYN-{number:06d}",
        given_name=rng.choice(given),
        family_name=rng.choice(FAMILY),
        sex=sex,
        birth_date=birth_date,
        fitzpatrick_type=fitzpatrick,
        lesions=tuple(
            _make_lesion(rng, age=age, fitzpatrick=fitzpatrick, today=today) for _ in range(lesions)
        ),
    )


def _make_lesion(rng: random.Random, *, age: int, fitzpatrick: int, today: date) -> SyntheticLesion:
    group = 0 if age < 35 else 1 if age < 60 else 2
    diagnosis = rng.choices(list(_BY_AGE), [shares[group] for shares in _BY_AGE.values()])[0]
    acral = diagnosis == "mel" and fitzpatrick >= 5
    body_site = rng.choice(ACRAL if acral else SITES[diagnosis])
    longest = max(1, min(age - 1, 12)) * 365
    return SyntheticLesion(
        body_site=body_site,
        side=rng.choice(
            ("left", "right", "midline") if body_site in MIDDLE_SITES else ("left", "right")
        ),
        view=_view(rng, body_site),
        diagnosis=diagnosis,
        history=rng.choice(HISTORIES[diagnosis]),
        question=rng.choice(QUESTIONS[diagnosis]),
        first_seen_on=today - timedelta(days=rng.randrange(20, 21 + longest)),
        urgent=diagnosis == "mel" and rng.random() < 0.6,
        image_seed=rng.randrange(2**31),
    )


def _view(rng: random.Random, body_site: str) -> str:
    if body_site in FRONT_SITES:
        return "front"
    return "back" if body_site in BACK_SITES else rng.choice(("front", "back"))
