"""A record from which data sets are made: signed, consented images of known diagnoses."""

from datetime import date
from typing import Any

from django.utils import timezone

from accounts.models import Organisation, Role, User
from accounts.services import grant_role
from clinic.models import LesionImage, ResearchConsent
from tests.clinic.statistics_record import Turn, closed_case
from tests.factories import LesionImageFactory, UserFactory


def a_reader(organisation: Organisation, name: str = "Rana Reader") -> User:
    """A dermatologist who signs."""
    reader = UserFactory(full_name=name)
    grant_role(user=reader, organisation=organisation, role=Role.DERMATOLOGIST)
    return reader


def signed_image(
    organisation: Organisation,
    code: str = "nevus",
    *,
    reader: User,
    second: User | None = None,
    pathology: str = "",
    consent: str = ResearchConsent.SHARING,
    kind: str = "dermoscopic",
    **patient: Any,
) -> LesionImage:
    """An image whose case is closed, read by one or by two who agree."""
    turns = [Turn(reader, code)]
    if second is not None:
        turns.append(Turn(second, code, role="second"))
    case = closed_case(organisation, *turns, pathology=pathology)
    for name, value in {
        "research_consent": consent,
        "research_consent_on": None if consent == "not_asked" else timezone.localdate(),
        **patient,
    }.items():
        setattr(case.patient, name, value)
    case.patient.save()
    lesion = case.patient.lesions.get()
    return LesionImageFactory(case=case, lesion=lesion, kind=kind)


CODES = ("nevus", "nevus", "nevus", "melanoma", "basal-cell-carcinoma", "dysplastic-nevus")
SITES = ("back", "face", "forearm", "lower_leg", "unknown")


def a_record(organisation: Organisation, images: int = 24) -> list[LesionImage]:
    """Patients of both sexes and all ages, one image each; every fourth was read twice."""
    one, two = a_reader(organisation), a_reader(organisation, "Rolf Reader")
    made = []
    for number in range(images):
        code = CODES[number % len(CODES)]
        image = signed_image(
            organisation,
            code,
            reader=one,
            second=two if number % 4 == 0 else None,
            pathology=code if number % 5 == 0 else "",
            sex=("female", "male", "unknown")[number % 3],
            birth_date=None if number % 7 == 0 else date(1940 + 2 * (number % 35), 5, 1),
            fitzpatrick_type=None if number % 6 == 0 else 1 + number % 6,
        )
        image.lesion.body_site = SITES[number % len(SITES)]
        image.lesion.save()
        made.append(image)
    return made
