"""Whose desk a case lies on."""

import pytest

from accounts.models import Organisation, User
from clinic.models import (
    Case,
    CaseState,
    Lesion,
    Read,
    Reading,
)
from clinic.services import assign_case, save_read
from tests.clinic.reading_cases import (
    second_dermatologist,
)
from tests.clinic.views.reading.desk import SCRIPT, desk, opinion, post, typed


def test_the_script_takes_the_case_and_gives_it_back_untouched(case: Case, dana: User) -> None:
    answer = post(dana, "case-assign", case, {}, headers=SCRIPT).json()
    reading = Reading.objects.get()
    assert (answer["reading"], answer["state"]) == (str(reading.pk), "assigned")
    assert reading.holds_case
    post(dana, "case-release", case, {}, headers=SCRIPT)
    reading.refresh_from_db()
    assert not reading.holds_case
    case.refresh_from_db()
    assert case.state == CaseState.SUBMITTED


def test_what_was_written_on_stays_on_the_desk(case: Case, lesion: Lesion, dana: User) -> None:
    save_read(case=case, lesion=lesion, reader=dana, comment="Begun.")
    post(dana, "case-release", case, {}, headers=SCRIPT)
    assert Reading.objects.get().holds_case


def test_the_time_at_the_page_is_counted_and_nonsense_is_not(case: Case, dana: User) -> None:
    assign_case(case=case, reader=dana)
    Reading.objects.update(assigned_at="2026-01-01T00:00Z", lock_expires_at="2099-01-01T00:00Z")
    post(dana, "case-lock", case, {"active_seconds": "-5"}, headers=SCRIPT)
    post(dana, "case-lock", case, {"active_seconds": "1e9"}, headers=SCRIPT)
    post(dana, "case-lock", case, {"active_seconds": "1"}, headers=SCRIPT)
    assert Reading.objects.get().active_seconds == 1


def test_a_colleagues_case_says_who_reads_it_and_cannot_be_written_on(
    case: Case, dana: User, northside: Organisation
) -> None:
    erin = second_dermatologist(northside)
    assign_case(case=case, reader=erin)
    page = desk(dana, case).content.decode()
    assert "Erin Eriksen has been reading" in page
    assert "Read next" in page
    refused = post(dana, "case-assign", case, {}, headers=SCRIPT)
    assert refused.status_code == 409
    assert refused.json()["code"] == "case_taken"
    assert "Erin Eriksen has been reading" in refused.json()["detail"]


def test_a_draft_that_comes_while_a_colleague_reads_is_kept_and_said(
    case: Case, lesion: Lesion, dana: User, northside: Organisation
) -> None:
    assign_case(case=case, reader=second_dermatologist(northside))
    script = post(dana, "read-save", case, typed(lesion, comment="Mine."), headers=SCRIPT)
    assert (script.status_code, script.json()["code"]) == (409, "case_taken")
    assert Read.objects.get(reader=dana).comment == "Mine."
    page = post(dana, "read-save", case, typed(lesion, comment="Mine too."))
    assert page.status_code == 409
    assert "Erin Eriksen has been reading" in page.content.decode()


def test_a_reader_never_sees_a_colleagues_draft(
    case: Case, lesion: Lesion, dana: User, northside: Organisation
) -> None:
    erin = second_dermatologist(northside)
    save_read(case=case, lesion=lesion, reader=erin, comment="Between us: odd.")
    assert "Between us" not in desk(dana, case).content.decode()


@pytest.mark.parametrize("name", ["case-assign", "read-save", "case-commit", "case-sign"])
def test_a_page_that_outlived_its_session_writes_nothing_in_the_next_persons_name(
    case: Case, lesion: Lesion, dana: User, northside: Organisation, name: str
) -> None:
    erin = second_dermatologist(northside)
    data = opinion(lesion, comment="Dana's words.") | {"reader": str(dana.pk)}
    refused = post(erin, name, case, data, headers=SCRIPT)
    assert (refused.status_code, refused.json()["code"]) == (409, "other_person")
    assert "Erin Eriksen has signed in since" in refused.json()["detail"]
    assert not Reading.objects.exists()
