"""Cases that were read and signed by the real services, of patients who consented."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Organisation, User
from clinic.models import Case, LesionImage, PathologyResult
from clinic.services import change_reading_policy
from tests.clinic.reading_cases import add_picture, sign_as
from tests.factories import CaseFactory, LesionFactory, PatientFactory, diagnosis


def consented_case(organisation: Organisation, *, images: int = 1, **patient: Any) -> Case:
    """A submitted case of a new patient who allows sharing; every image is of another picture."""
    who = PatientFactory(
        organisation=organisation,
        **{"research_consent": "sharing", "research_consent_on": "2026-01-31", **patient},
    )
    case = CaseFactory(
        patient=who, submitted=True, submitted_at=timezone.now() - timedelta(hours=1)
    )
    lesion = LesionFactory(patient=who)
    for _ in range(images):
        add_picture(case, lesion)
    return case


def signed_case(
    organisation: Organisation, reader: User, code: str = "nevus", **fields: Any
) -> Case:
    """One reader said `code`, and that is the answer."""
    case = consented_case(organisation, **fields)
    sign_as(reader, case, code)
    case.refresh_from_db()
    return case


def only_image(case: Case) -> LesionImage:
    return case.images.get()


def confirm(case: Case, code: str, method: str = "histo") -> PathologyResult:
    """Pathology of the case's only lesion."""
    lesion = case.images.get().lesion
    return PathologyResult.objects.create(lesion=lesion, diagnosis=diagnosis(code), method=method)


def every_case_is_read_twice(organisation: Organisation, administrator: User) -> None:
    change_reading_policy(organisation=organisation, actor=administrator, second_read_share=100)
