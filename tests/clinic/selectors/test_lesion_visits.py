"""Which visits of a lesion there are, what is told of each, and which two are compared."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Organisation, User
from clinic.models import CaseState, Lesion, LesionImage, ReadingPolicy
from clinic.selectors.lesion_visits import Pair, Visit, lesion_visits, pair_of
from tests.clinic.lesion_history import visit
from tests.clinic.reading_cases import second_dermatologist, sign_as
from tests.factories import CaseFactory, LesionFactory, LesionImageFactory, PatientFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def lesion(northside: Organisation) -> Lesion:
    return LesionFactory(patient=PatientFactory(organisation=northside))


def visits_of(user: User, lesion: Lesion) -> list[Visit]:
    return lesion_visits(user, [lesion])[lesion.pk]


def shown(pair: Pair | None) -> tuple[LesionImage, LesionImage]:
    assert pair is not None
    return pair.left.image, pair.right.image


def test_the_oldest_visit_comes_first(dana: User, lesion: Lesion) -> None:
    newest = visit(lesion, days_ago=1, number=1)
    oldest = visit(lesion, days_ago=400, number=2)
    between = visit(lesion, days_ago=90, number=3)
    assert [one.case for one in visits_of(dana, lesion)] == [oldest, between, newest]


def test_the_day_of_the_picture_counts_where_it_is_known(dana: User, lesion: Lesion) -> None:
    taken = timezone.now() - timedelta(days=700)
    imported = visit(lesion, days_ago=1, number=1, captured_at=taken)
    other = visit(lesion, days_ago=300, number=2)
    visits = visits_of(dana, lesion)
    assert [one.case for one in visits] == [imported, other]
    assert visits[0].at == taken


def test_drafts_and_cancelled_cases_are_no_visits(dana: User, lesion: Lesion) -> None:
    draft = CaseFactory(patient=lesion.patient, number=1)
    gone = CaseFactory(
        patient=lesion.patient, number=2, state=CaseState.CANCELLED, cancelled_reason="Twice."
    )
    for case in (draft, gone):
        LesionImageFactory(case=case, lesion=lesion)
    assert visits_of(dana, lesion) == []


def test_a_stranger_sees_no_visit(bob: User, lesion: Lesion) -> None:
    visit(lesion, days_ago=1, number=1)
    assert visits_of(bob, lesion) == []


def test_other_lesions_of_the_same_case_stay_out(dana: User, lesion: Lesion) -> None:
    case = visit(lesion, days_ago=1, number=1)
    other = LesionFactory(patient=lesion.patient)
    LesionImageFactory(case=case, lesion=other)
    found = lesion_visits(dana, [lesion, other])
    assert {key: [len(one.images) for one in row] for key, row in found.items()} == {
        lesion.pk: [1], other.pk: [1],
    }  # fmt: skip


def test_the_answer_of_a_closed_case_is_told(dana: User, alice: User, lesion: Lesion) -> None:
    visit(lesion, days_ago=9, number=1, signed_by=dana, code="melanoma")
    (closed,) = visits_of(alice, lesion)
    assert not closed.is_open
    assert closed.answer is not None
    assert closed.answer.diagnosis is not None
    assert closed.answer.diagnosis.code == "melanoma"


def test_nothing_of_an_open_cases_reads_is_told_to_anybody(
    northside: Organisation, dana: User, alice: User, ada: User, lesion: Lesion
) -> None:
    ReadingPolicy.objects.create(organisation=northside, second_read_share=100)
    case = visit(lesion, days_ago=9, number=1, signed_by=dana)
    assert case.state == CaseState.SECOND_READ
    erin = second_dermatologist(northside)
    for person in (dana, erin, alice, ada):
        (waiting,) = visits_of(person, lesion)
        assert waiting.is_open
        assert waiting.answer is None
    sign_as(erin, case)
    for person in (dana, erin, alice, ada):
        (closed,) = visits_of(person, lesion)
        assert closed.answer is not None


def test_more_visits_ask_no_more_questions(dana: User, lesion: Lesion) -> None:
    visit(lesion, days_ago=1, number=1, signed_by=dana)
    with CaptureQueriesContext(connection) as one:
        visits_of(dana, lesion)
    for number in range(2, 12):
        visit(lesion, days_ago=number, number=number, signed_by=dana)
    with CaptureQueriesContext(connection) as many:
        assert len(visits_of(dana, lesion)) == 11
    assert len(many) == len(one) == 2


# ---- Two of them -------------------------------------------------------------------------------


@pytest.fixture
def three(dana: User, lesion: Lesion) -> list[Visit]:
    """An old one by dermoscope, one in close-up alone, and a new one of both kinds."""
    visit(lesion, days_ago=400, number=1)
    visit(lesion, days_ago=200, number=2, kinds=("close_up",))
    visit(lesion, days_ago=10, number=3, kinds=("overview", "close_up", "dermoscopic"))
    return visits_of(dana, lesion)


def test_one_visit_is_no_pair(three: list[Visit]) -> None:
    assert pair_of(three[:1]) is None
    assert pair_of([]) is None


def test_the_newest_stands_beside_the_one_before_in_the_same_kind(three: list[Visit]) -> None:
    left, right = shown(pair_of(three))
    assert (left, right.kind) == (three[1].images[0], "close_up")


def test_a_dermoscopic_picture_is_preferred(three: list[Visit]) -> None:
    left, right = shown(pair_of([three[0], three[2]]))
    assert (left.kind, right.kind) == ("dermoscopic", "dermoscopic")


def test_visits_that_share_no_kind_are_shown_and_said_to_differ(three: list[Visit]) -> None:
    pair = pair_of(three[:2])
    assert pair is not None
    assert not pair.is_of_one_kind


def test_named_pictures_stand_in_the_order_of_time(three: list[Visit]) -> None:
    old, new = three[0].picture, three[2].picture
    assert shown(pair_of(three, left=str(old.pk), right=str(new.pk))) == (old, new)
    assert shown(pair_of(three, left=str(new.pk), right=str(old.pk))) == (old, new)


def test_what_is_named_alone_gets_a_fitting_partner(three: list[Visit]) -> None:
    oldest, middle, newest = (str(one.picture.pk) for one in three)
    assert shown(pair_of(three, left=oldest)) == (three[0].picture, three[2].picture)
    left, right = shown(pair_of(three, left=middle))
    assert (left, right.kind, right.case_id) == (three[1].picture, "close_up", three[2].case.pk)
    assert shown(pair_of(three, left=newest))[1] == three[2].picture
    assert shown(pair_of(three, right=oldest))[0] == three[0].picture
    assert shown(pair_of(three, right=middle)) == (three[0].picture, three[1].picture)
    assert shown(pair_of(three, right=newest)) == (three[1].picture, three[2].picture)


def test_two_pictures_of_one_visit_are_not_compared_with_each_other(three: list[Visit]) -> None:
    first, second = three[2].images[:2]
    pair = pair_of(three, left=str(first.pk), right=str(second.pk))
    assert pair is not None
    assert pair.left.visit is not pair.right.visit


@pytest.mark.parametrize("nonsense", ["", "x", "00000000-0000-0000-0000-000000000000", "\x00"])
def test_what_is_not_there_is_ignored(three: list[Visit], nonsense: str) -> None:
    assert shown(pair_of(three, left=nonsense, right=nonsense)) == shown(pair_of(three))
