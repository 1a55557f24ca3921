"""The demo's cases of today: each shows a state that a screen can be in."""

from datetime import timedelta

from clinic.models import ImageKind, Management, Priority
from config.demo.plan import PlannedCase, PlannedLesion, PlannedRead

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
        waiting=timedelta(days=4, hours=2),
        reads=(PlannedRead("dermatofibroma", Management.DISCHARGE,
                           "Typical central white patch. No follow-up needed."),),
    ),
    PlannedCase(
        7,
        (PlannedLesion("back-right-upper-back", "mel", "Changing for a year.", BOTH),),
        "Asymmetric lesion with several colours.",
        Priority.URGENT,
        timedelta(days=16, hours=3),
        reads=(PlannedRead("melanoma", Management.EXCISE,
                           "Atypical network, blue-white veil. Excise with 2 mm margins."),
               PlannedRead("melanoma", Management.EXCISE, reader=1)),
        pathology="melanoma-in-situ",
        outlined=True,
    ),
    PlannedCase(
        8,
        (PlannedLesion("front-left-shoulder", "nv"),),
        "Mole check on request.",
        waiting=timedelta(days=3, hours=5),
        reads=(PlannedRead("nevus", Management.MONITOR, "Regular network. One look in spring."),),
    ),
    PlannedCase(
        10,
        (PlannedLesion("front-right-abdomen", "nv", "Present for years.", BOTH),),
        "Two tones in an old mole.",
        waiting=timedelta(days=11, hours=4),
        reads=(PlannedRead("nevus", Management.MONITOR, "Two tones, symmetric.", reader=2),),
        pathology="dysplastic-nevus",
        amended=PlannedRead("dysplastic-nevus", Management.EXCISE, reader=2,
                            reason="Histology shows a dysplastic nevus; margins are involved."),
    ),
    PlannedCase(
        11,
        (PlannedLesion("front-left-thigh", "vasc"),),
        "Bleeds when scratched.",
        Priority.ROUTINE, timedelta(hours=26),
        held_by=1,
    ),
    PlannedCase(
        12,
        (PlannedLesion("back-left-upper-back", "mel", "The wife says it is new."),),
        "Dark lesion, seen first last month.",
        Priority.URGENT, timedelta(hours=22),
        reads=(PlannedRead("melanoma", Management.EXCISE, reader=1),), rests=True,
    ),
    PlannedCase(
        13,
        (PlannedLesion("front-right-chest", "bkl", "Rough to the touch.", BOTH),),
        "Keratosis, or a melanoma that looks like one?",
        Priority.ROUTINE, timedelta(hours=28),
        reads=(PlannedRead("seborrheic-keratosis", Management.DISCHARGE, reader=1),
               PlannedRead("melanoma", Management.EXCISE, reader=2)), rests=True,
    ),
    PlannedCase(
        14,
        (PlannedLesion("front-left-lower-leg", "akiec", "Scaly plaque."),),
        "Bowen's disease or psoriasis?",
        Priority.ROUTINE, timedelta(hours=30),
        reads=(PlannedRead("bowen-disease", Management.BIOPSY),
               PlannedRead("benign-keratosis", Management.DISCHARGE, reader=1)),
        held_by=2,
    ),
    PlannedCase(
        15,
        (PlannedLesion("back-right-lower-back", "nv", kinds=BOTH),),
        "Ugly duckling?",
        waiting=timedelta(days=6, hours=3),
        reads=(PlannedRead("nevus", Management.DISCHARGE, reader=1),
               PlannedRead("melanoma", Management.EXCISE, reader=2),
               PlannedRead("dysplastic-nevus", Management.BIOPSY,
                           "Irregular, but symmetric. Biopsy settles it.")),
        outlined=True,
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
