"""Who was right: readers against pathology, on malignancy and on class."""

from typing import Any

import pytest

from accounts.models import Organisation, User
from clinic.selectors.verdicts import case_verdicts, class_of_each_diagnosis, verdict_on
from clinic.services import change_reading_policy, record_pathology
from tests.clinic.reading_cases import second_dermatologist, sign_as, waiting_case
from tests.factories import diagnosis


@pytest.mark.parametrize(
    ("said", "found", "on_malignancy", "on_class"),
    [
        ("melanoma", "melanoma", True, True),
        ("melanoma", "melanoma-in-situ", True, True),  # the class is that of the node above
        ("nevus", "melanoma", False, False),
        ("basal-cell-carcinoma", "melanoma", True, False),
        ("nevus", "seborrheic-keratosis", True, False),
        ("dysplastic-nevus", "melanoma", True, False),  # a suspicion is no all-clear
        ("dysplastic-nevus", "nevus", False, True),
        ("melanoma", "dysplastic-nevus", None, False),  # the truth itself is neither
        ("dysplastic-nevus", "dysplastic-nevus", True, True),
        ("other-benign", "angioma", True, False),
        ("other-benign", "other-benign", True, True),
    ],
)
def test_what_was_said_against_what_was_found(
    db: None, said: str, found: str, on_malignancy: bool | None, on_class: bool
) -> None:
    verdict = verdict_on(diagnosis(said), diagnosis(found), classes=class_of_each_diagnosis())
    assert (verdict.on_malignancy, verdict.on_class) == (on_malignancy, on_class)


def test_histology_outranks_follow_up_and_the_newest_of_two_counts(
    northside: Organisation, alice: User
) -> None:
    case = waiting_case(northside)
    lesion = case.images.get().lesion
    for code, method in (
        ("melanoma", "histo"), ("melanoma-in-situ", "histo"), ("nevus", "follow_up"),
    ):  # fmt: skip
        record_pathology(lesion=lesion, diagnosis=diagnosis(code), method=method, actor=alice)
    found = case_verdicts(alice, case)[lesion.pk]
    assert [result.diagnosis.code for result in found.results] == [
        "melanoma-in-situ", "melanoma", "nevus",
    ]  # fmt: skip
    assert found.truth == found.results[0]


def test_each_signed_reading_is_judged_for_whoever_may_see_it_and_a_change_of_mind_counts(
    northside: Organisation, alice: User, dana: User, ada: User, bob: User
) -> None:
    from clinic.services import (
        commit_reading,
        reconsider_read,
        reveal_opinion,
        save_read,
        sign_reading,
    )

    change_reading_policy(organisation=northside, actor=ada, second_read_share=100)
    erin = second_dermatologist(northside)
    case = waiting_case(northside)
    lesion = case.images.get().lesion
    first: dict[str, Any] = {"diagnosis": diagnosis("nevus"), "management": "discharge"}
    save_read(case=case, lesion=lesion, reader=dana, **first)
    commit_reading(case=case, reader=dana)
    reveal_opinion(case=case, reader=dana)
    reconsider_read(
        case=case, lesion=lesion, reader=dana, diagnosis=diagnosis("melanoma"),
        management="excise", reason="The blotch.",
    )  # fmt: skip
    sign_reading(case=case, reader=dana)
    record_pathology(lesion=lesion, diagnosis=diagnosis("melanoma"), method="histo", actor=alice)
    judged = case_verdicts(dana, case)[lesion.pk].readers
    assert [(row.reading.reader, row.verdict.on_class) for row in judged] == [(dana, True)]
    assert case_verdicts(erin, case)[lesion.pk].readers == []  # she still reads it blind
    sign_as(erin, case, "nevus")
    for person in (alice, dana, erin):
        rows = case_verdicts(person, case)[lesion.pk].readers
        assert [(row.reading.reader, row.verdict.on_malignancy) for row in rows] == [
            (dana, True), (erin, False),
        ]  # fmt: skip
    assert case_verdicts(bob, case) == {}
