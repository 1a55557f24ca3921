"""Whose desk a case lies on."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from accounts.errors import Conflict, NotAllowed
from accounts.models import Organisation, User
from clinic.models import Case, CaseState, Lesion, Reading, ReadingRole
from clinic.selectors import worklist
from clinic.services import (
    CaseTaken,
    assign_case,
    assign_next,
    cancel_case,
    keep_lock,
    release_case,
    release_expired_readings,
    save_read,
)
from tests.clinic.reading_cases import sign_as, waiting_case


def expire(reading: Reading) -> None:
    Reading.objects.filter(pk=reading.pk).update(lock_expires_at=timezone.now())


def state_of(case: Case) -> str:
    return Case.objects.get(pk=case.pk).state


def test_an_assigned_case_leaves_the_worklists_of_colleagues(
    case: Case, northside: Organisation, dana: User, erin: User
) -> None:
    reading = assign_case(case=case, reader=dana)
    assert (reading.role, reading.is_blind, state_of(case)) == ("first", True, "first_read")
    assert list(worklist(dana, northside)) == [case]
    assert not worklist(erin, northside).exists()
    with pytest.raises(CaseTaken, match="It comes back to the worklist if they leave it"):
        assign_case(case=case, reader=erin)


def test_opening_it_again_is_the_same_turn_with_a_fresh_lock(case: Case, dana: User) -> None:
    first = assign_case(case=case, reader=dana)
    Reading.objects.update(lock_expires_at=timezone.now() + timedelta(seconds=1))
    again = assign_case(case=case, reader=dana)
    assert again.pk == first.pk
    soon = timezone.now() + timedelta(seconds=settings.READING_LOCK_SECONDS - 60)
    assert again.lock_expires_at is not None
    assert again.lock_expires_at > soon


def test_after_the_lock_has_expired_a_colleague_may_take_it_and_the_draft_stays(
    case: Case, lesion: Lesion, dana: User, erin: User, northside: Organisation
) -> None:
    save_read(case=case, lesion=lesion, reader=dana, comment="Before lunch.")
    expire(Reading.objects.get())
    assert list(worklist(erin, northside)) == [case]
    assign_case(case=case, reader=erin)
    assert Reading.objects.get(holds_case=True).reader == erin
    assert Reading.objects.get(reader=dana).reads.get().comment == "Before lunch."
    with pytest.raises(CaseTaken):
        assign_case(case=case, reader=dana)


def test_the_sweep_gives_back_what_lies_on_the_desks_of_readers_who_are_gone(
    case: Case, northside: Organisation, dana: User
) -> None:
    gone, here = assign_case(case=case, reader=dana), waiting_case(northside, answer="none")
    assign_case(case=here, reader=dana)
    expire(gone)
    assert release_expired_readings() == 1
    assert (state_of(case), state_of(here)) == (CaseState.SUBMITTED, CaseState.FIRST_READ)
    assert release_expired_readings() == 0


def test_a_case_that_is_given_back_waits_again(case: Case, dana: User, erin: User) -> None:
    assign_case(case=case, reader=dana)
    release_case(case=case, reader=erin)  # not hers to give back
    assert state_of(case) == CaseState.FIRST_READ
    release_case(case=case, reader=dana)
    assert state_of(case) == CaseState.SUBMITTED
    assert assign_case(case=case, reader=erin).role == ReadingRole.FIRST


def test_the_next_case_is_the_first_of_the_worklist_or_the_one_behind(
    case: Case, northside: Organisation, dana: User, erin: User
) -> None:
    urgent = waiting_case(northside, answer="none", priority=2)
    longest = waiting_case(northside, answer="none", hours=9)
    reading = assign_next(reader=dana, organisation=northside)
    assert reading is not None
    assert reading.case == urgent
    other = assign_next(reader=erin, organisation=northside)
    assert other is not None
    assert other.case == longest
    behind = assign_next(reader=dana, organisation=northside, after=longest)
    assert behind is not None
    assert behind.case == case
    assert assign_next(reader=erin, organisation=northside, after=case) is None


def test_the_second_reader_is_another_one(
    case: Case, northside: Organisation, dana: User, erin: User
) -> None:
    sign_as(dana, case)
    Case.objects.update(state=CaseState.SECOND_READ, answer=None)
    assert not worklist(dana, northside).exists()
    with pytest.raises(Conflict, match="You have signed your read") as refusal:
        assign_case(case=case, reader=dana)
    assert refusal.value.code == "already_read"
    assert assign_case(case=case, reader=erin).role == ReadingRole.SECOND


def test_only_dermatologists_are_given_cases(
    case: Case, northside: Organisation, alice: User, ada: User, bob: User
) -> None:
    for person in (alice, ada, bob):
        with pytest.raises(NotAllowed):
            assign_case(case=case, reader=person)
        with pytest.raises(NotAllowed):
            assign_next(reader=person, organisation=northside)


def test_a_cancelled_case_leaves_the_desk(case: Case, alice: User, dana: User) -> None:
    assign_case(case=case, reader=dana)
    cancel_case(case=case, actor=alice, reason="Sent twice.")
    assert not Reading.objects.filter(holds_case=True).exists()
    with pytest.raises(Conflict, match="is cancelled and cannot be read now"):
        assign_case(case=case, reader=dana)


def test_the_time_in_front_of_the_page_is_counted_and_not_believed_blindly(
    case: Case, dana: User
) -> None:
    reading = assign_case(case=case, reader=dana)
    an_hour = keep_lock(case=case, reader=dana, active_seconds=3600)
    assert an_hour.active_seconds <= 2
    ago = timedelta(seconds=settings.READING_LOCK_SECONDS - 50)
    Reading.objects.filter(pk=reading.pk).update(lock_expires_at=timezone.now() + ago)
    assert keep_lock(case=case, reader=dana, active_seconds=40).active_seconds in {40, 41, 42}
