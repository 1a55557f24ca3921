"""Readings by week and role, and the time they took."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Organisation, User
from tests.clinic.selectors.statistics.conftest import PictureOf
from tests.clinic.statistics_record import Turn, closed_case

pytestmark = pytest.mark.django_db


def test_readings_are_counted_by_week_role_and_reader(
    picture: PictureOf, northside: Organisation, dana: User, erin: User, fay: User
) -> None:
    last_week = timezone.now() - timedelta(weeks=1)
    closed_case(northside, Turn(dana, signed_at=last_week))
    closed_case(
        northside,
        Turn(dana),
        Turn(erin, "melanoma", role="second"),
        Turn(fay, "melanoma", role="adjudication"),
        Turn(dana, "melanoma", role="amendment"),
        state="amended",
    )
    *_, before, this = picture().period.mondays
    assert picture().of_reader(dana.pk).workload.weekly == {
        (before, "first"): 1, (this, "first"): 1, (this, "amendment"): 1,
    }  # fmt: skip
    assert picture().of_all.workload.by_role == {
        "first": 2, "second": 1, "adjudication": 1, "amendment": 1,
    }  # fmt: skip
    assert picture().of_all.workload.signed == 5


def test_time_is_the_median_of_what_was_measured(
    picture: PictureOf, northside: Organisation, dana: User, erin: User
) -> None:
    for seconds in (30, 50, 0, 90, 70, 0):
        closed_case(northside, Turn(dana, seconds=seconds))
    closed_case(northside, Turn(erin, seconds=1000))
    own = picture().of_reader(dana.pk).workload
    assert own.time is not None
    assert (own.time.lower, own.time.median, own.time.upper, own.time.n) == (45, 60, 75, 4)
    assert own.unmeasured == 2
    everybody = picture().of_all.workload
    assert everybody.time is not None
    assert (everybody.time.median, everybody.time.n, everybody.unmeasured) == (70, 5, 2)


def test_an_amendment_is_no_reading_without_a_time(
    picture: PictureOf, northside: Organisation, dana: User
) -> None:
    closed_case(
        northside, Turn(dana, seconds=40), Turn(dana, role="amendment", seconds=0), state="amended"
    )
    assert picture().of_all.workload.unmeasured == 0


def test_who_signed_nothing_has_no_time(picture: PictureOf, dana: User) -> None:
    own = picture().of_reader(dana.pk).workload
    assert (own.signed, own.time, own.unmeasured) == (0, None, 0)
