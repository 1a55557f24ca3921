"""A case that waits, and an organisation that shows the model at once."""

import pytest

from accounts.models import Organisation
from clinic.models import (
    Case,
    Lesion,
    ReadingPolicy,
)
from tests.clinic.reading_cases import (
    waiting_case,
)


@pytest.fixture
def case(northside: Organisation) -> Case:
    return waiting_case(northside)


@pytest.fixture
def lesion(case: Case) -> Lesion:
    return case.images.get().lesion


@pytest.fixture
def open_reading(northside: Organisation) -> ReadingPolicy:
    """Northside shows the model's answer from the start."""
    return ReadingPolicy.objects.create(organisation=northside, blind=False)
