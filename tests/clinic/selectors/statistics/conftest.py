"""A second and a third dermatologist, and the picture of the last four weeks."""

from collections.abc import Callable

import pytest

from accounts.models import Organisation, Role, User
from accounts.services import grant_role
from clinic.selectors.statistics import Picture, last_weeks, picture_of_work
from tests.clinic.reading_cases import second_dermatologist
from tests.factories import UserFactory

PictureOf = Callable[..., Picture]


@pytest.fixture
def erin(northside: Organisation) -> User:
    return second_dermatologist(northside)


@pytest.fixture
def fay(northside: Organisation) -> User:
    found = UserFactory(email="fay@northside.example", full_name="Fay Fontaine")
    grant_role(user=found, organisation=northside, role=Role.DERMATOLOGIST)
    return found


@pytest.fixture
def picture(dana: User, northside: Organisation) -> PictureOf:
    """What Dana is shown; `picture(user=…, organisation=…, weeks=…, consensus=True)`."""

    def ask(
        *,
        user: User = dana,
        organisation: Organisation = northside,
        weeks: int = 4,
        **options: bool,
    ) -> Picture:
        return picture_of_work(
            user=user, organisation=organisation, period=last_weeks(weeks), **options
        )

    return ask
