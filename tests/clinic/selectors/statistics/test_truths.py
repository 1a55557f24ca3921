"""What is taken for the truth: pathology, and where asked for, consensus."""

from datetime import date

import pytest

from accounts.models import Organisation, User
from clinic.models import PathologyResult
from tests.clinic.selectors.statistics.conftest import PictureOf
from tests.clinic.statistics_record import NEVUS, Turn, closed_case
from tests.factories import diagnosis

pytestmark = pytest.mark.django_db


def truths(picture: PictureOf, *, consensus: bool = False) -> list[str | None]:
    """By lesion read, the taxonomy's or model's code of what is taken for the truth."""
    return [
        one.truth.kind.code if one.truth else None
        for one in picture(consensus=consensus).opinions
        for _ in range(one.n)
    ]


def test_the_most_certain_result_counts_and_of_equals_the_newest(
    picture: PictureOf, northside: Organisation, dana: User
) -> None:
    case = closed_case(northside, Turn(dana, model=NEVUS), pathology="angioma")
    lesion = case.patient.lesions.get()
    for code, method in (
        ("nevus", "histo"),
        ("dermatofibroma", "confocal"),
        ("melanoma", "follow_up"),
    ):
        PathologyResult.objects.create(
            lesion=lesion, diagnosis=diagnosis(code), method=method, reported_on=date(2026, 1, 1)
        )
    assert truths(picture) == ["nv"]
    assert truths(picture, consensus=True) == ["nv"]


def test_an_expert_consensus_is_no_pathology(
    picture: PictureOf, northside: Organisation, dana: User
) -> None:
    closed_case(northside, Turn(dana, model=NEVUS), pathology="angioma", method="consensus")
    assert truths(picture) == [None]
    assert truths(picture, consensus=True) == ["vasc"]


def test_two_readers_who_agree_are_a_consensus(
    picture: PictureOf, northside: Organisation, dana: User, erin: User
) -> None:
    closed_case(northside, Turn(dana, "angioma", "nevus", model=NEVUS),
                Turn(erin, role="second", model=NEVUS))  # fmt: skip
    assert truths(picture) == [None, None]
    assert truths(picture, consensus=True) == ["nv", "nv"]


def test_an_adjudicated_answer_is_a_consensus(
    picture: PictureOf, northside: Organisation, dana: User, erin: User, fay: User
) -> None:
    closed_case(northside, Turn(dana), Turn(erin, "melanoma", role="second"),
                Turn(fay, "melanoma", role="adjudication"))  # fmt: skip
    assert truths(picture, consensus=True) == ["mel", "mel"]


def test_one_reader_and_an_amended_answer_are_no_consensus(
    picture: PictureOf, northside: Organisation, dana: User, erin: User
) -> None:
    closed_case(northside, Turn(dana))
    closed_case(northside, Turn(dana), Turn(erin, role="second"),
                Turn(erin, "melanoma", role="amendment"), state="amended")  # fmt: skip
    assert truths(picture, consensus=True) == [None, None, None]


def test_pathology_outranks_consensus(
    picture: PictureOf, northside: Organisation, dana: User, erin: User
) -> None:
    closed_case(northside, Turn(dana), Turn(erin, role="second"), pathology="melanoma")
    assert truths(picture, consensus=True) == ["mel", "mel"]
