"""Commit, reveal, reconsider, sign."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.errors import Conflict
from accounts.models import Organisation, User
from accounts.services import ProofMethod, SigningProof
from clinic.models import Case, CaseState, Lesion, Read, Reading, ReadingState
from clinic.selectors.signatures import is_intact
from clinic.services import (
    IncompleteRead,
    change_reading_policy,
    commit_reading,
    keep_first_opinion,
    reconsider_read,
    reveal_opinion,
    save_read,
    sign_reading,
)
from clinic.signals import model_opinion_wanted
from tests.clinic.reading_cases import sign_as, waiting_case
from tests.factories import diagnosis

NEVUS = {"management": "discharge"}
PROOF = SigningProof(ProofMethod.PASSWORD, datetime(2026, 3, 1, 12, tzinfo=UTC))
SAID = {"model": "resnet18 2.0.0", "diagnosis": "melanoma", "suspicious": True, "malignancy": 0.7}


@pytest.fixture
def model_says(lesion: Lesion) -> Iterator[dict[str, Any]]:
    """A listener as the models in service have one; a test may change what it says."""
    opinion = {str(lesion.pk): dict(SAID)}

    def say(sender: object, **_: object) -> dict[str, Any]:
        return opinion

    model_opinion_wanted.connect(say, dispatch_uid="test")
    yield opinion
    model_opinion_wanted.disconnect(dispatch_uid="test")


@pytest.fixture
def committed(case: Case, lesion: Lesion, dana: User) -> Reading:
    opinion = {"diagnosis": diagnosis("nevus"), **NEVUS}
    return commit_reading(case=case, reader=dana, opinions={lesion.pk: opinion})


@pytest.fixture
def revealed(committed: Reading, model_says: dict[str, Any]) -> Reading:
    return reveal_opinion(case=committed.case, reader=committed.reader)


# ---- Commit ------------------------------------------------------------------------------------


def test_a_commit_keeps_what_the_reader_saw_and_closes_it(committed: Reading) -> None:
    read = committed.reads.get()
    assert (committed.state, read.state) == (ReadingState.COMMITTED, "committed")
    assert committed.committed_at is not None
    assert (read.diagnosis, read.management) == (diagnosis("nevus"), "discharge")


def test_committing_twice_is_the_same_as_once(committed: Reading, lesion: Lesion) -> None:
    other = {"diagnosis": diagnosis("melanoma"), "management": "excise"}
    again = commit_reading(
        case=committed.case, reader=committed.reader, opinions={lesion.pk: other}
    )
    assert (again.pk, again.committed_at) == (committed.pk, committed.committed_at)
    assert Read.objects.get().diagnosis == diagnosis("nevus")


@pytest.mark.parametrize(
    ("opinion", "field", "sentence"),
    [
        ({}, "diagnosis", "Choose a diagnosis for lesion 1."),
        ({"management": "excise"}, "diagnosis", "Choose a diagnosis for lesion 1."),
        ({"diagnosis": "nevus"}, "management", "Choose what should happen to lesion 1."),
        (
            {"diagnosis": "nevus", "management": "monitor"},
            "monitor_months",
            "Say in how many months lesion 1 should be seen again.",
        ),
    ],
)
def test_an_incomplete_opinion_is_not_committed_but_kept(
    case: Case, lesion: Lesion, dana: User, opinion: dict[str, Any], field: str, sentence: str
) -> None:
    if "diagnosis" in opinion:
        opinion = {**opinion, "diagnosis": diagnosis(opinion["diagnosis"])}
    opinion = {**opinion, "comment": "Half done."}
    with pytest.raises(IncompleteRead, match=sentence) as refusal:
        commit_reading(case=case, reader=dana, opinions={lesion.pk: opinion})
    assert (refusal.value.lesion, refusal.value.field) == (lesion, field)
    assert Read.objects.get().comment == "Half done."
    assert Reading.objects.get().state == ReadingState.DRAFT


# ---- Reveal ------------------------------------------------------------------------------------


def test_nothing_is_revealed_before_the_commit(
    case: Case, lesion: Lesion, dana: User, model_says: dict[str, Any]
) -> None:
    save_read(case=case, lesion=lesion, reader=dana, comment="Hm.")
    with pytest.raises(Conflict, match="Commit your own opinion first"):
        reveal_opinion(case=case, reader=dana)
    with pytest.raises(Conflict, match="Commit your own opinion first"):
        sign_reading(case=case, reader=dana)
    assert Reading.objects.get().model_opinion == {}


def test_what_was_shown_is_kept_with_its_time(revealed: Reading, lesion: Lesion) -> None:
    assert revealed.state == ReadingState.REVEALED
    assert revealed.model_opinion == {str(lesion.pk): SAID}
    assert revealed.committed_at is not None
    assert revealed.revealed_at is not None
    assert revealed.committed_at <= revealed.revealed_at


def test_a_later_answer_does_not_rewrite_what_the_reader_saw(
    revealed: Reading, lesion: Lesion, model_says: dict[str, Any]
) -> None:
    model_says[str(lesion.pk)] = {**SAID, "malignancy": 0.01}
    again = reveal_opinion(case=revealed.case, reader=revealed.reader)
    assert again.model_opinion == {str(lesion.pk): SAID}
    assert again.revealed_at == revealed.revealed_at


def test_an_answer_that_had_not_come_yet_is_added(committed: Reading, lesion: Lesion) -> None:
    first = reveal_opinion(case=committed.case, reader=committed.reader)
    assert (first.state, first.model_opinion) == (ReadingState.REVEALED, {})

    def say(sender: object, **_: object) -> dict[str, Any]:
        return {str(lesion.pk): SAID}

    model_opinion_wanted.connect(say, dispatch_uid="late")
    try:
        later = reveal_opinion(case=committed.case, reader=committed.reader)
    finally:
        model_opinion_wanted.disconnect(dispatch_uid="late")
    assert later.model_opinion == {str(lesion.pk): SAID}


def test_a_signature_before_the_reveal_is_refused(committed: Reading) -> None:
    with pytest.raises(Conflict, match="Look at the model's answer before you sign"):
        sign_reading(case=committed.case, reader=committed.reader)


# ---- Reconsider --------------------------------------------------------------------------------


def test_a_change_of_mind_stands_beside_the_first_opinion(
    revealed: Reading, lesion: Lesion
) -> None:
    case, reader = revealed.case, revealed.reader
    reconsider_read(
        case=case, lesion=lesion, reader=reader,
        diagnosis=diagnosis("melanoma"), management="excise", reason="Missed the veil.",
    )  # fmt: skip
    signed = sign_reading(case=case, reader=reader)
    first, second = signed.reads.order_by("created_at")
    assert (first.diagnosis, first.stands, first.state) == (diagnosis("nevus"), False, "signed")
    assert (second.diagnosis, second.stands, second.reason) == (
        diagnosis("melanoma"), True, "Missed the veil.",
    )  # fmt: skip
    assert is_intact(signed)


def test_a_change_of_mind_needs_a_reason(revealed: Reading, lesion: Lesion) -> None:
    case, reader = revealed.case, revealed.reader
    reconsider_read(case=case, lesion=lesion, reader=reader, diagnosis=diagnosis("melanoma"))
    with pytest.raises(IncompleteRead, match="Say why you changed your opinion") as refusal:
        sign_reading(case=case, reader=reader)
    assert refusal.value.field == "reason"


def test_a_change_that_is_none_leaves_the_first_opinion_alone(
    revealed: Reading, lesion: Lesion
) -> None:
    case, reader = revealed.case, revealed.reader
    reconsider_read(case=case, lesion=lesion, reader=reader, diagnosis=diagnosis("melanoma"))
    reconsider_read(case=case, lesion=lesion, reader=reader, diagnosis=diagnosis("nevus"))
    signed = sign_reading(case=case, reader=reader)
    assert signed.reads.get().stands


def test_a_change_of_mind_can_be_taken_back(revealed: Reading, lesion: Lesion) -> None:
    case, reader = revealed.case, revealed.reader
    reconsider_read(case=case, lesion=lesion, reader=reader, diagnosis=diagnosis("melanoma"))
    reading = keep_first_opinion(case=case, lesion=lesion, reader=reader)
    assert (reading.state, reading.reads.get().stage) == (ReadingState.REVEALED, "first")


def test_nobody_reconsiders_before_the_model_was_shown(committed: Reading, lesion: Lesion) -> None:
    with pytest.raises(Conflict, match="Commit your own opinion and look") as refusal:
        reconsider_read(
            case=committed.case, lesion=lesion, reader=committed.reader, comment="Later."
        )
    assert refusal.value.code == "not_revealed"


# ---- Sign --------------------------------------------------------------------------------------


def test_a_signature_closes_the_case_with_every_lesion(northside: Organisation, dana: User) -> None:
    case = waiting_case(northside, lesions=3, answer="none")
    signed = sign_as(dana, case)
    case.refresh_from_db()
    assert (case.state, case.answer) == (CaseState.FINAL, signed)
    assert {(read.state, read.signed_at) for read in signed.reads.all()} == {
        ("signed", signed.signed_at)
    }
    assert signed.reads.count() == 3
    assert not signed.holds_case


def test_signing_twice_is_the_same_as_once(case: Case, dana: User) -> None:
    first = sign_as(dana, case)
    again = sign_reading(case=case, reader=dana)
    assert (again.pk, again.digest) == (first.pk, first.digest)


def test_the_digest_covers_what_was_signed_and_with_what(revealed: Reading) -> None:
    signed = sign_reading(case=revealed.case, reader=revealed.reader, proof=PROOF)
    assert (len(signed.digest), signed.proof_method) == (64, "password")
    assert signed.taxonomy_version == "2026.1"
    stored = Reading.objects.select_related("case").get(pk=signed.pk)
    assert is_intact(stored)
    for name, value in (
        ("proof_method", "none"), ("proved_at", None), ("taxonomy_version", "1999.1"),
        ("role", "second"), ("model_opinion", {}), ("reason", "Other."),
    ):  # fmt: skip
        forged = Reading.objects.select_related("case").get(pk=signed.pk)
        setattr(forged, name, value)
        assert not is_intact(forged), name


def test_an_organisation_that_does_not_read_blind_signs_in_one_step(
    case: Case, lesion: Lesion, dana: User, ada: User, northside: Organisation,
    model_says: dict[str, Any],
) -> None:  # fmt: skip
    change_reading_policy(organisation=northside, actor=ada, blind=False)
    opinion = {"diagnosis": diagnosis("melanoma"), "management": "excise"}
    signed = sign_reading(case=case, reader=dana, opinions={lesion.pk: opinion})
    assert (signed.state, signed.is_blind) == (ReadingState.SIGNED, False)
    assert signed.model_opinion == {str(lesion.pk): SAID}
    case.refresh_from_db()
    assert case.state == CaseState.FINAL


def test_switching_blind_reading_off_is_known_of_the_readings_under_way(
    case: Case, lesion: Lesion, dana: User, ada: User, northside: Organisation
) -> None:
    save_read(case=case, lesion=lesion, reader=dana, comment="Hm.")
    change_reading_policy(organisation=northside, actor=ada, blind=False)
    assert not Reading.objects.get().is_blind
    change_reading_policy(organisation=northside, actor=ada, blind=True)
    save_read(case=case, lesion=lesion, reader=dana, comment="Hm, hm.")
    assert not Reading.objects.get().is_blind, "what was seen cannot be unseen"
