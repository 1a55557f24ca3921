"""What a reader types: kept, checked, and never overwritten unseen."""

from typing import Any

import pytest

from accounts.errors import Conflict, InvalidInput, NotAllowed
from accounts.models import User
from clinic.models import Case, CaseState, Lesion, Read, Reading, ReadingState
from clinic.services import (
    CaseTaken,
    DraftConflict,
    TooLate,
    assign_case,
    commit_reading,
    save_read,
)
from tests.clinic.reading_cases import sign_as
from tests.factories import LesionFactory, diagnosis


def test_saving_again_replaces_the_same_draft(case: Case, lesion: Lesion, dana: User) -> None:
    save_read(case=case, lesion=lesion, reader=dana, comment="First thought.")
    save_read(case=case, lesion=lesion, reader=dana, comment="Second thought.")
    read = Read.objects.get()
    assert (read.comment, read.version) == ("Second thought.", 2)


def test_the_first_saving_takes_the_case(case: Case, lesion: Lesion, dana: User) -> None:
    save_read(case=case, lesion=lesion, reader=dana, comment="Hm.")
    reading = Reading.objects.get()
    case.refresh_from_db()
    assert (reading.state, reading.holds_case) == (ReadingState.DRAFT, True)
    assert case.state == CaseState.FIRST_READ


def test_what_is_not_given_stays(case: Case, lesion: Lesion, dana: User) -> None:
    save_read(case=case, lesion=lesion, reader=dana, diagnosis=diagnosis("melanoma"))
    save_read(case=case, lesion=lesion, reader=dana, management="excise")
    read = Read.objects.get()
    assert (read.diagnosis, read.management) == (diagnosis("melanoma"), "excise")


def test_months_go_when_monitoring_goes(case: Case, lesion: Lesion, dana: User) -> None:
    save_read(case=case, lesion=lesion, reader=dana, management="monitor", monitor_months=3)
    read = save_read(case=case, lesion=lesion, reader=dana, management="discharge")
    assert (read.monitor_months, read.management_label) == (None, "Discharge")


def test_scores_are_computed_here_whatever_is_sent(case: Case, lesion: Lesion, dana: User) -> None:
    seen = {"colours": ["white", "red"], "structures": ["dots"], "asymmetry": 2, "border": 8}
    sent = {"abcd": {**seen, "tds": 0}}
    read = save_read(case=case, lesion=lesion, reader=dana, criteria=sent)
    assert read.criteria["abcd"]["tds"] == pytest.approx(2 * 1.3 + 8 * 0.1 + 2 * 0.5 + 1 * 0.5)


@pytest.mark.parametrize(
    ("opinion", "field"),
    [
        ({"management": "pray"}, "management"),
        ({"management": "monitor", "monitor_months": 0}, "monitor_months"),
        ({"management": "monitor", "monitor_months": 37}, "monitor_months"),
        ({"comment": "x" * 4001}, "comment"),
        ({"confidence": 4}, "confidence"),
        ({"criteria": {"abcd": {"asymmetry": 3}}}, "criteria"),
        ({"certainty": 5}, None),
        ({"reason": "A first opinion needs none."}, None),
    ],
)
def test_what_cannot_be_recorded_is_refused_at_its_field(
    case: Case, lesion: Lesion, dana: User, opinion: dict[str, Any], field: str | None
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        save_read(case=case, lesion=lesion, reader=dana, **opinion)
    assert refusal.value.field == field
    assert not Read.objects.exists()


def test_a_heading_of_the_tree_is_no_diagnosis(case: Case, lesion: Lesion, dana: User) -> None:
    with pytest.raises(InvalidInput, match="Choose a diagnosis from the list") as refusal:
        save_read(case=case, lesion=lesion, reader=dana, diagnosis=diagnosis("melanocytic"))
    assert refusal.value.field == "diagnosis"


def test_a_lesion_without_an_image_in_the_case_is_not_read(case: Case, dana: User) -> None:
    with pytest.raises(InvalidInput, match="no image in this case"):
        save_read(case=case, lesion=LesionFactory(patient=case.patient), reader=dana, comment="?")


def test_only_dermatologists_of_the_organisation_read(
    case: Case, lesion: Lesion, alice: User, ada: User, bob: User
) -> None:
    for person in (alice, ada, bob):
        with pytest.raises(NotAllowed, match="Only dermatologists"):
            save_read(case=case, lesion=lesion, reader=person, comment="Hm.")
    assert not Reading.objects.exists()


@pytest.mark.parametrize("state", [CaseState.DRAFT, CaseState.CANCELLED])
def test_a_case_that_does_not_wait_is_not_read(
    case: Case, lesion: Lesion, dana: User, state: str
) -> None:
    Case.objects.filter(pk=case.pk).update(state=state, cancelled_reason="Why not.")
    with pytest.raises(Conflict, match="cannot be read now"):
        save_read(case=case, lesion=lesion, reader=dana, comment="?")
    assert not Reading.objects.exists()


# ---- Two windows, two readers ------------------------------------------------------------------


def test_a_window_that_saw_an_older_draft_overwrites_nothing(
    case: Case, lesion: Lesion, dana: User
) -> None:
    seen = save_read(case=case, lesion=lesion, reader=dana, version=0, comment="Both saw this.")
    save_read(case=case, lesion=lesion, reader=dana, version=seen.version, comment="One window.")
    with pytest.raises(DraftConflict) as refusal:
        save_read(case=case, lesion=lesion, reader=dana, version=1, comment="The other.")
    assert refusal.value.stored.comment == "One window."
    assert (refusal.value.stored.version, Read.objects.get().comment) == (2, "One window.")


def test_two_windows_that_begin_a_draft_do_not_overwrite_each_other(
    case: Case, lesion: Lesion, dana: User
) -> None:
    save_read(case=case, lesion=lesion, reader=dana, version=0, comment="One window.")
    with pytest.raises(DraftConflict):
        save_read(case=case, lesion=lesion, reader=dana, version=0, comment="The other.")


def test_the_same_text_from_two_windows_is_no_conflict(
    case: Case, lesion: Lesion, dana: User
) -> None:
    save_read(case=case, lesion=lesion, reader=dana, version=0, comment="The same.")
    read = save_read(case=case, lesion=lesion, reader=dana, version=0, comment="The same.")
    assert (read.version, Read.objects.count()) == (1, 1)


def test_what_is_typed_on_a_case_that_a_colleague_holds_is_kept(
    case: Case, lesion: Lesion, dana: User, erin: User
) -> None:
    assign_case(case=case, reader=erin)
    with pytest.raises(CaseTaken, match="Erin Eriksen has been reading C-"):
        save_read(case=case, lesion=lesion, reader=dana, comment="Typed meanwhile.")
    assert Read.objects.get(reader=dana).comment == "Typed meanwhile."
    assert Reading.objects.get(holds_case=True).reader == erin


def test_the_slower_reader_is_told_who_was_faster_and_keeps_her_draft(
    case: Case, lesion: Lesion, dana: User, erin: User
) -> None:
    sign_as(erin, case)
    with pytest.raises(TooLate, match="Erin Eriksen has signed C-"):
        save_read(case=case, lesion=lesion, reader=dana, comment="Typed meanwhile.")
    mine = {"diagnosis": diagnosis("melanoma"), "management": "excise"}
    with pytest.raises(TooLate, match="Your draft is kept, unsigned"):
        commit_reading(case=case, reader=dana, opinions={lesion.pk: mine})
    draft = Read.objects.get(reader=dana)
    assert (draft.state, draft.comment, draft.diagnosis) == (
        "draft", "Typed meanwhile.", diagnosis("melanoma"),
    )  # fmt: skip


def test_what_is_committed_is_not_edited_by_its_reader_either(
    case: Case, lesion: Lesion, dana: User
) -> None:
    opinion = {"diagnosis": diagnosis("nevus"), "management": "discharge"}
    commit_reading(case=case, reader=dana, opinions={lesion.pk: opinion})
    with pytest.raises(Conflict, match="You have committed your opinion") as refusal:
        save_read(case=case, lesion=lesion, reader=dana, comment="An afterthought.")
    assert refusal.value.code == "committed"
    assert Read.objects.get().comment == ""


def test_what_is_signed_is_not_edited_by_its_reader_either(
    case: Case, lesion: Lesion, dana: User
) -> None:
    sign_as(dana, case)
    with pytest.raises(Conflict):
        save_read(case=case, lesion=lesion, reader=dana, comment="An afterthought.")
    assert Read.objects.get().comment == ""
