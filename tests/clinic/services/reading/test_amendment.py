"""A signed answer gets a new version; the old one stays readable."""

from typing import Any
from uuid import uuid4

import pytest

from accounts.errors import Conflict, DomainError, InvalidInput, NotAllowed
from accounts.models import User
from clinic.models import Case, CaseState, Lesion, Notification, Reading
from clinic.selectors import answer_reads, signed_readings
from clinic.selectors.signatures import is_intact
from clinic.services import IncompleteRead, amend_answer
from tests.clinic.reading_cases import sign_as
from tests.factories import diagnosis


@pytest.fixture
def signed(case: Case, dana: User) -> Reading:
    return sign_as(dana, case, "nevus", "discharge")


def amended(reader: User, signed: Reading, lesion: Lesion, **changes: Any) -> Reading:
    fields: dict[str, Any] = {
        "reason": "The histology of the neighbouring lesion changes the picture.",
        "opinions": {lesion.pk: {"diagnosis": diagnosis("melanoma"), "management": "excise"}},
        "based_on": signed,
    }
    return amend_answer(case=signed.case, reader=reader, **fields | changes)


def test_an_amendment_is_the_new_answer_and_the_old_one_stays(
    case: Case, signed: Reading, lesion: Lesion, erin: User
) -> None:
    new = amended(erin, signed, lesion)
    case.refresh_from_db()
    assert (case.state, case.answer) == (CaseState.AMENDED, new)
    assert [read.diagnosis.code for read in answer_reads(erin) if read.diagnosis] == ["melanoma"]
    assert list(signed_readings(erin, case)) == [signed, new]
    assert signed.reads.get().diagnosis == diagnosis("nevus")
    assert is_intact(Reading.objects.select_related("case").get(pk=new.pk))


def test_the_submitter_hears_of_it(signed: Reading, lesion: Lesion, erin: User) -> None:
    amended(erin, signed, lesion)
    news = Notification.objects.get()
    assert (news.recipient, news.case, news.kind) == (
        signed.case.submitter, signed.case, "amended",
    )  # fmt: skip


def test_a_form_posted_twice_amends_once(signed: Reading, lesion: Lesion, dana: User) -> None:
    key = uuid4()
    first = amended(dana, signed, lesion, key=key)
    assert amended(dana, signed, lesion, key=key).pk == first.pk
    assert Notification.objects.count() == 1


def test_an_amendment_of_an_answer_that_is_no_longer_the_answer_is_refused(
    signed: Reading, lesion: Lesion, dana: User, erin: User
) -> None:
    amended(dana, signed, lesion)
    with pytest.raises(Conflict, match="has been amended since you opened it"):
        amended(erin, signed, lesion)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"reason": "  "}, InvalidInput),
        ({"reason": "x" * 4001}, InvalidInput),
        ({"opinions": {}}, IncompleteRead),
    ],
    ids=["no reason", "a very long reason", "nothing said"],
)
def test_half_an_amendment_is_none(
    case: Case, signed: Reading, lesion: Lesion, dana: User, changes: dict[str, Any],
    error: type[DomainError],
) -> None:  # fmt: skip
    with pytest.raises(error):
        amended(dana, signed, lesion, **changes)
    case.refresh_from_db()
    assert (case.state, case.answer) == (CaseState.FINAL, signed)
    assert not Notification.objects.exists()


def test_only_readers_amend_and_only_what_is_signed(
    case: Case, lesion: Lesion, alice: User, dana: User, ada: User, bob: User
) -> None:
    with pytest.raises(Conflict, match="has no signed answer yet"):
        amended(dana, Reading(case=case), lesion)
    signed = sign_as(dana, case)
    for person in (alice, ada, bob):
        with pytest.raises(NotAllowed):
            amended(person, signed, lesion)
