"""Reading and signing."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from accounts.errors import Conflict, DomainError, InvalidInput, NotAllowed
from accounts.models import Organisation, User
from clinic.models import Case, CaseState, Lesion, Read, ReadState
from clinic.services import IncompleteRead, SignedByAnother, load_taxonomy, save_read, sign_case
from clinic.services.reads import find_missing
from clinic.services.taxonomy import TAXONOMY_DIR
from tests.clinic.reading_cases import second_dermatologist, waiting_case
from tests.factories import LesionFactory, diagnosis


@pytest.fixture
def case(northside: Organisation) -> Case:
    return waiting_case(northside, answer="none")


@pytest.fixture
def lesion(case: Case) -> Lesion:
    return case.images.get().lesion


@pytest.fixture
def erin(northside: Organisation) -> User:
    return second_dermatologist(northside)


def complete(case: Case, reader: User) -> None:
    for image in case.images.select_related("lesion"):
        save_read(
            case=case,
            lesion=image.lesion,
            reader=reader,
            diagnosis=diagnosis("nevus"),
            management="discharge",
        )


# ---- Drafts ------------------------------------------------------------------------------------


def test_saving_again_replaces_the_same_draft(case: Case, lesion: Lesion, dana: User) -> None:
    save_read(case=case, lesion=lesion, reader=dana, comment="First thought.")
    save_read(case=case, lesion=lesion, reader=dana, comment="Second thought.")
    assert Read.objects.get().comment == "Second thought."


def test_what_is_not_given_stays(case: Case, lesion: Lesion, dana: User) -> None:
    save_read(case=case, lesion=lesion, reader=dana, diagnosis=diagnosis("melanoma"))
    save_read(case=case, lesion=lesion, reader=dana, management="excise")
    read = Read.objects.get()
    assert (read.diagnosis, read.management) == (diagnosis("melanoma"), "excise")


def test_each_reader_has_a_draft_of_her_own(
    case: Case, lesion: Lesion, dana: User, erin: User
) -> None:
    save_read(case=case, lesion=lesion, reader=dana, comment="Mine.")
    save_read(case=case, lesion=lesion, reader=erin, comment="Hers.")
    assert sorted(Read.objects.values_list("comment", flat=True)) == ["Hers.", "Mine."]


def test_months_go_when_monitoring_goes(case: Case, lesion: Lesion, dana: User) -> None:
    save_read(case=case, lesion=lesion, reader=dana, management="monitor", monitor_months=3)
    read = save_read(case=case, lesion=lesion, reader=dana, management="discharge")
    assert (read.monitor_months, read.management_label) == (None, "Discharge")


@pytest.mark.parametrize(
    ("opinion", "field"),
    [
        ({"management": "pray"}, "management"),
        ({"management": "monitor", "monitor_months": 0}, "monitor_months"),
        ({"management": "monitor", "monitor_months": 37}, "monitor_months"),
        ({"comment": "x" * 4001}, "comment"),
        ({"certainty": 5}, None),
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
        with pytest.raises(NotAllowed, match="Only dermatologists"):
            sign_case(case=case, reader=person)
    assert not Read.objects.exists()


@pytest.mark.parametrize("state", [CaseState.DRAFT, CaseState.CANCELLED])
def test_a_case_that_does_not_wait_is_not_read(
    case: Case, lesion: Lesion, dana: User, state: str
) -> None:
    Case.objects.filter(pk=case.pk).update(state=state, cancelled_reason="Why not.")
    with pytest.raises(Conflict, match="can no longer be changed"):
        save_read(case=case, lesion=lesion, reader=dana, comment="?")
    with pytest.raises(Conflict):
        sign_case(case=case, reader=dana)


# ---- Signing -----------------------------------------------------------------------------------


def test_signing_closes_the_case_with_every_lesion(northside: Organisation, dana: User) -> None:
    case = waiting_case(northside, lesions=3, answer="none")
    complete(case, dana)
    reads = sign_case(case=case, reader=dana)
    case.refresh_from_db()
    assert case.state == CaseState.FINAL
    assert [read.lesion.number for read in reads] == [1, 2, 3]
    assert {(read.state, read.signed_at) for read in reads} == {
        (ReadState.SIGNED, case.finalised_at)
    }


def test_what_the_reader_saw_is_what_is_signed(case: Case, lesion: Lesion, dana: User) -> None:
    complete(case, dana)
    seen = {"diagnosis": diagnosis("melanoma"), "management": "excise", "comment": "Today."}
    [read] = sign_case(case=case, reader=dana, opinions={lesion.pk: seen})
    assert (read.diagnosis, read.management, read.comment) == (
        diagnosis("melanoma"), "excise", "Today.",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("opinion", "missing"),
    [
        ({}, ("diagnosis", "Choose a diagnosis for lesion 1 before you sign.")),
        ({"management": "excise"}, ("diagnosis", "Choose a diagnosis for lesion 1")),
        ({"diagnosis": "nevus"}, ("management", "Choose what should happen to lesion 1")),
        (
            {"diagnosis": "nevus", "management": "monitor"},
            ("monitor_months", "Say in how many months lesion 1 should be seen again."),
        ),
    ],
)
def test_an_incomplete_read_is_not_signed_but_kept(
    case: Case, lesion: Lesion, dana: User, opinion: dict[str, Any], missing: tuple[str, str]
) -> None:
    field, sentence = missing
    if "diagnosis" in opinion:
        opinion = {**opinion, "diagnosis": diagnosis(opinion["diagnosis"])}
    opinion = {**opinion, "comment": "Half done."}
    with pytest.raises(IncompleteRead, match=sentence) as refusal:
        sign_case(case=case, reader=dana, opinions={lesion.pk: opinion})
    assert (refusal.value.lesion, refusal.value.field) == (lesion, field)
    case.refresh_from_db()
    assert case.state == CaseState.SUBMITTED
    assert Read.objects.get().comment == "Half done."
    assert find_missing(case=case, reader=dana).field == field  # type: ignore[union-attr]


def test_signing_twice_is_the_same_as_once(case: Case, lesion: Lesion, dana: User) -> None:
    complete(case, dana)
    first = sign_case(case=case, reader=dana)
    again = sign_case(
        case=case, reader=dana, opinions={lesion.pk: {"diagnosis": diagnosis("melanoma")}}
    )
    assert [read.pk for read in first] == [read.pk for read in again]
    assert Read.objects.get().diagnosis == diagnosis("nevus")


def test_what_is_signed_is_not_edited_by_its_reader_either(
    case: Case, lesion: Lesion, dana: User
) -> None:
    complete(case, dana)
    sign_case(case=case, reader=dana)
    with pytest.raises(Conflict, match="is signed and can no longer be changed"):
        save_read(case=case, lesion=lesion, reader=dana, comment="An afterthought.")
    assert Read.objects.count() == 1


def test_the_slower_reader_is_told_who_was_faster_and_keeps_her_draft(
    case: Case, lesion: Lesion, dana: User, erin: User
) -> None:
    complete(case, erin)
    sign_case(case=case, reader=erin)
    with pytest.raises(SignedByAnother, match="Erin Eriksen has signed C-"):
        save_read(case=case, lesion=lesion, reader=dana, comment="Typed meanwhile.")
    mine = {"diagnosis": diagnosis("melanoma"), "management": "excise"}
    with pytest.raises(SignedByAnother, match="Your draft is kept, unsigned"):
        sign_case(case=case, reader=dana, opinions={lesion.pk: mine})
    draft = Read.objects.get(reader=dana)
    assert (draft.state, draft.comment, draft.diagnosis) == (
        ReadState.DRAFT, "Typed meanwhile.", diagnosis("melanoma"),
    )  # fmt: skip
    assert Read.objects.get(state=ReadState.SIGNED).reader == erin


@pytest.mark.django_db(transaction=True)
def test_of_two_who_sign_at_the_same_moment_one_signs(northside: Organisation, dana: User) -> None:
    load_taxonomy(path=TAXONOMY_DIR / "2026.1.json")
    case, erin = waiting_case(northside, answer="none"), second_dermatologist(northside)
    for reader in (dana, erin):
        complete(case, reader)

    def sign(reader: User) -> str:
        try:
            sign_case(case=case, reader=reader)
        except DomainError as refusal:
            return refusal.code
        else:
            return "signed"
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(sign, [dana, erin]))
    assert outcomes == ["signed", "signed_by_another"]
    assert Read.objects.filter(case=case, state=ReadState.SIGNED).count() == 1
