"""Which readings count: signed ones of closed cases, of the own organisation, in the period."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Organisation, Role, User
from accounts.services import grant_role
from clinic.models import OPEN_STATES, Case, CaseState
from clinic.selectors.statistics import Picture, Work
from clinic.services import change_reading_policy
from tests.clinic.reading_cases import sign_as, waiting_case
from tests.clinic.selectors.statistics.conftest import PictureOf
from tests.clinic.statistics_record import MELANOMA, NEVUS, Turn, closed_case
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def shown(picture: Picture) -> tuple[Work, list[Work]]:
    return picture.of_all, [picture.of_reader(reader) for reader in picture.readers]


@pytest.mark.parametrize("state", [*OPEN_STATES, CaseState.CANCELLED])
def test_a_case_that_is_not_closed_leaves_no_trace_in_any_figure(
    state: str, picture: PictureOf, northside: Organisation, dana: User, erin: User
) -> None:
    for _ in range(12):  # enough pairs and reads for figures to stand
        for code in ("nevus", "melanoma"):
            closed_case(northside, Turn(dana, code, model=NEVUS),
                        Turn(erin, code, role="second", model=NEVUS), pathology=code)  # fmt: skip
    before = shown(picture()), shown(picture(consensus=True))
    case = closed_case(
        northside,
        Turn(dana, "nevus", "melanoma", model=MELANOMA, seconds=600),
        Turn(erin, "melanoma", role="second", model=MELANOMA),
        pathology="melanoma",
    )
    assert (shown(picture()), shown(picture(consensus=True))) != before
    reopen(case, state)
    assert (shown(picture()), shown(picture(consensus=True))) == before


def reopen(case: Case, state: str) -> None:
    """As the case was before its last signature."""
    Case.objects.filter(pk=case.pk).update(
        state=state, answer=None, finalised_at=None, cancelled_reason="Sent twice."
    )


def test_a_first_read_counts_once_its_case_is_decided(
    picture: PictureOf, northside: Organisation, ada: User, dana: User, erin: User
) -> None:
    change_reading_policy(organisation=northside, actor=ada, second_read_share=100)
    case = waiting_case(northside, answer="answered")
    sign_as(dana, case, "melanoma", "excise")
    assert picture().of_all.workload.signed == 0
    sign_as(erin, case, "melanoma", "excise")
    assert picture().of_all.workload.by_role == {
        "first": 1, "second": 1, "adjudication": 0, "amendment": 0,
    }  # fmt: skip


def test_nobody_sees_another_organisation(
    picture: PictureOf, northside: Organisation, southside: Organisation, dana: User, bob: User
) -> None:
    closed_case(northside, Turn(dana, model=NEVUS), pathology="nevus")
    bea = UserFactory(full_name="Bea Berg")
    grant_role(user=bea, organisation=southside, role=Role.DERMATOLOGIST)
    assert picture().of_all.workload.signed == 1
    for stranger in (bob, bea):
        found = picture(user=stranger, organisation=northside)
        assert (found.workloads, found.pairs, found.opinions) == ({}, [], [])
        assert picture(user=stranger, organisation=southside).of_all.workload.signed == 0


def test_a_reader_of_two_organisations_has_figures_in_each(
    picture: PictureOf, northside: Organisation, southside: Organisation, dana: User
) -> None:
    grant_role(user=dana, organisation=southside, role=Role.DERMATOLOGIST)
    closed_case(northside, Turn(dana))
    for _ in range(2):
        closed_case(southside, Turn(dana))
    assert picture().of_reader(dana.pk).workload.signed == 1
    assert picture(organisation=southside).of_reader(dana.pk).workload.signed == 2


def test_the_period_begins_on_a_monday_at_midnight(
    picture: PictureOf, northside: Organisation, dana: User
) -> None:
    monday = picture().period.starts_at
    assert (monday.weekday(), timezone.localtime(monday).hour) == (0, 0)
    closed_case(northside, Turn(dana, signed_at=monday))
    closed_case(northside, Turn(dana, signed_at=monday - timedelta(seconds=1)))
    assert picture().of_all.workload.weekly == {(monday.date(), "first"): 1}
    assert picture(weeks=12).of_all.workload.signed == 2
