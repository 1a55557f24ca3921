"""One case that waits at Northside, and a second dermatologist."""

import pytest

from accounts.models import Organisation, User
from clinic.models import Case, Lesion
from tests.clinic.reading_cases import second_dermatologist, waiting_case


@pytest.fixture
def case(northside: Organisation) -> Case:
    return waiting_case(northside, answer="none")


@pytest.fixture
def lesion(case: Case) -> Lesion:
    return case.images.get().lesion


@pytest.fixture
def erin(northside: Organisation) -> User:
    return second_dermatologist(northside)
