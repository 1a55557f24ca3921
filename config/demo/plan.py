"""The demo's cases: a few by hand that show every state of a screen, the rest made up."""

from dataclasses import dataclass
from datetime import timedelta

from clinic.bodymap.places import PLACES
from clinic.models import ImageKind, Management, Priority
from clinic.synthetic.people import SyntheticLesion, SyntheticPatient


@dataclass(frozen=True)
class PlannedLesion:
    """A place on the body map, what it looks like (HAM10000 code) and how it was photographed."""

    place: str
    looks_like: str
    history: str = ""
    kinds: tuple[ImageKind, ...] = (ImageKind.DERMOSCOPIC,)


@dataclass(frozen=True)
class PlannedCase:
    """`signed_as` gives diagnosis code, recommendation and comment of each lesion's signed read."""

    person: int
    lesions: tuple[PlannedLesion, ...]
    question: str
    priority: Priority = Priority.ROUTINE
    waiting: timedelta = timedelta(hours=1)
    draft: bool = False
    cancelled: str = ""
    signed_as: tuple[tuple[str, Management, str], ...] = ()
    pathology: str = ""


DERMOSCOPIC, CLOSE_UP, OVERVIEW = ImageKind.DERMOSCOPIC, ImageKind.CLOSE_UP, ImageKind.OVERVIEW
BOTH = (DERMOSCOPIC, CLOSE_UP)

NORTHSIDE_CASES = (
    PlannedCase(
        0,
        (PlannedLesion("back-left-upper-back", "mel", "Darker and larger since spring.",
                       (OVERVIEW, CLOSE_UP, DERMOSCOPIC)),),
        "Grew over six months, bled once. Excise?",
        Priority.URGENT, timedelta(hours=5),
    ),
    PlannedCase(
        1,
        (PlannedLesion("front-face", "bcc", "A spot that does not heal.", BOTH),),
        "Non-healing spot on the cheek for a year.",
        Priority.ROUTINE, timedelta(days=2, hours=3),
    ),
    PlannedCase(
        2,
        (PlannedLesion("front-right-abdomen", "nv"),
         PlannedLesion("back-right-lower-back", "nv", "Noticed by her partner."),
         PlannedLesion("back-left-thigh", "bkl", "Rough, stuck on.")),
        "Skin check before holidays, three lesions the patient worries about.",
        Priority.ROUTINE, timedelta(days=1, hours=6),
    ),
    PlannedCase(
        3,
        (PlannedLesion("front-left-forearm", "akiec", "Scaly, tender when pressed.", BOTH),),
        "Outdoor worker. Keratosis or early carcinoma?",
        Priority.ROUTINE, timedelta(days=3),
    ),
    PlannedCase(
        4,
        (PlannedLesion("front-right-lower-leg", "mel", "New within three months.", BOTH),),
        "Fast-growing lesion in a patient under immunosuppression.",
        Priority.EMERGENCY, timedelta(minutes=50),
    ),
    PlannedCase(
        5,
        (PlannedLesion("front-left-chest", "vasc"),),
        "Red papule, reassurance wanted.",
        Priority.ROUTINE, timedelta(hours=20),
    ),
    PlannedCase(
        6,
        (PlannedLesion("front-right-thigh", "df", "Dimples when pinched."),),
        "Firm nodule after an insect bite.",
        signed_as=(("dermatofibroma", Management.DISCHARGE,
                    "Typical central white patch. No follow-up needed."),),
    ),
    PlannedCase(
        7,
        (PlannedLesion("back-right-upper-back", "mel", "Changing for a year.", BOTH),),
        "Asymmetric lesion with several colours.",
        Priority.URGENT,
        signed_as=(("melanoma", Management.EXCISE,
                    "Atypical network, blue-white veil. Excise with 2 mm margins."),),
        pathology="melanoma-in-situ",
    ),
    PlannedCase(
        8,
        (PlannedLesion("front-left-shoulder", "nv"),),
        "Mole check on request.",
        signed_as=(("nevus", Management.MONITOR, "Regular network. One look back in spring."),),
    ),
    PlannedCase(
        9,
        (PlannedLesion("back-neck", "bkl", kinds=BOTH),),
        "",
        draft=True,
    ),
    PlannedCase(
        5,
        (PlannedLesion("front-right-upper-arm", "nv"),),
        "Second opinion on a mole.",
        cancelled="The patient asked for an appointment in person instead.",
    ),
)  # fmt: skip

SOUTHSIDE_CASES = (
    PlannedCase(
        0,
        (PlannedLesion("back-left-lower-back", "nv"),),
        "Annual check.",
        Priority.ROUTINE, timedelta(hours=9),
    ),
    PlannedCase(
        1,
        (PlannedLesion("front-neck", "bcc", kinds=BOTH),),
        "Pearly papule.",
        Priority.URGENT, timedelta(hours=2),
    ),
)  # fmt: skip


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
