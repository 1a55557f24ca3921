"""What a case of the demo consists of, and how one is made up for a made-up patient."""

from dataclasses import dataclass
from datetime import timedelta

from clinic.bodymap.places import PLACES
from clinic.models import ImageKind, Management, Priority
from clinic.synthetic.people import SyntheticLesion, SyntheticPatient


@dataclass(frozen=True)
class PlannedLesion:
    """A place on the body map, what it looks like (HAM10000 code) and how it was photographed.

    Lesions of a patient with the same `name` are one lesion at several visits; `nearer` is how much
    larger it has become, `seed` what draws it (otherwise each case's own).
    """

    place: str
    looks_like: str
    history: str = ""
    kinds: tuple[ImageKind, ...] = (ImageKind.DERMOSCOPIC,)
    name: str = ""
    nearer: float = 1.0
    turn: float = 0.0
    seed: int = 0


@dataclass(frozen=True)
class PlannedRead:
    """What a reader says of every lesion of a case. `reader` counts the dermatologists."""

    code: str
    management: Management
    comment: str = ""
    reader: int = 0
    confidence: int | None = None
    # Changed after the model's answer: what it becomes, and why.
    changed_to: str = ""
    reason: str = ""


@dataclass(frozen=True)
class PlannedCase:
    """A submission. `reads` are signed in this order: first, second, adjudication; where the
    workflow wants one more than is planned, it agrees with the first, unless `rests` says that the
    case waits there. `held_by`: a reader who has it on the desk. `pathology` is a diagnosis code.
    """

    person: int
    lesions: tuple[PlannedLesion, ...]
    question: str
    priority: Priority = Priority.ROUTINE
    waiting: timedelta = timedelta(hours=1)
    draft: bool = False
    cancelled: str = ""
    reads: tuple[PlannedRead, ...] = ()
    rests: bool = False
    held_by: int | None = None
    pathology: str = ""
    amended: PlannedRead | None = None
    outlined: bool = False

    @property
    def is_read(self) -> bool:
        """Whether anybody has begun to read it."""
        return bool(self.reads) or self.held_by is not None


def planned_case(person: int, patient: SyntheticPatient) -> PlannedCase:
    """A submitted case of everything that a made-up patient came with."""
    first = patient.lesions[0]
    return PlannedCase(
        person,
        tuple(
            PlannedLesion(_place_key(lesion), lesion.diagnosis, lesion.history)
            for lesion in patient.lesions
        ),
        first.question,
        Priority.URGENT if any(lesion.urgent for lesion in patient.lesions) else Priority.ROUTINE,
        timedelta(hours=3 + first.image_seed % 90),
    )


def _place_key(lesion: SyntheticLesion) -> str:
    """The place of the body map that comes closest: same site, then same view, then same side."""

    def distance(key: str) -> tuple[bool, bool, bool]:
        place = PLACES[key]
        return (
            place.body_site != lesion.body_site,
            place.view != lesion.view,
            place.side != lesion.side,
        )

    return min(PLACES, key=distance)
