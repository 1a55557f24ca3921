"""The counts of a large record are kept for an hour, and for nobody else."""

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Organisation, User
from clinic.selectors.statistics import work
from tests.clinic.selectors.statistics.conftest import PictureOf
from tests.clinic.statistics_record import NEVUS, Turn, closed_case

pytestmark = pytest.mark.django_db


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch, northside: Organisation, dana: User) -> None:
    """Two readings are a large record here."""
    cache.clear()
    monkeypatch.setattr(work, "KEPT_FROM", 2)
    for _ in range(2):
        closed_case(northside, Turn(dana, model=NEVUS), pathology="nevus")


def test_the_counts_are_kept_with_the_time_they_are_of(
    large: None, picture: PictureOf, northside: Organisation, dana: User, ada: User
) -> None:
    first = picture()
    closed_case(northside, Turn(dana, model=NEVUS))
    assert ada.current_memberships
    with CaptureQueriesContext(connection) as queries:
        again = picture(user=ada)
    assert len(queries) == 0
    assert (again.counted_at, again.of_all) == (first.counted_at, first.of_all)
    # Each period and each truth has counts of its own.
    assert picture(weeks=12).of_all.workload.signed == 3
    assert picture(consensus=True).of_all.workload.signed == 3


def test_a_small_record_is_counted_at_each_visit(
    large: None,
    picture: PictureOf,
    northside: Organisation,
    dana: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(work, "KEPT_FROM", 3)
    assert picture().of_all.workload.signed == 2
    closed_case(northside, Turn(dana))
    assert picture().of_all.workload.signed == 3


def test_a_stranger_gets_nothing_of_what_is_kept(
    large: None, picture: PictureOf, northside: Organisation, bob: User
) -> None:
    assert picture().of_all.workload.signed == 2
    assert picture(user=bob, organisation=northside).of_all.workload.signed == 0
