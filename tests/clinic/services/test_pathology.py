"""Pathology: its own record."""

import pytest

from accounts.errors import InvalidInput, NotAllowed
from accounts.models import Organisation, User
from clinic.models import PathologyResult
from clinic.services import record_pathology
from tests.factories import LesionFactory, PatientFactory, diagnosis


def test_a_result_is_added_and_the_earlier_one_stays(alice: User, northside: Organisation) -> None:
    lesion = LesionFactory(patient=PatientFactory(organisation=northside))
    for code, method in (("nevus", "follow_up"), ("melanoma", "histo")):
        record_pathology(
            lesion=lesion, diagnosis=diagnosis(code), method=method, actor=alice, report=" Text. "
        )
    assert {(row.diagnosis.code, row.report) for row in lesion.pathology_results.all()} == {
        ("nevus", "Text."), ("melanoma", "Text."),
    }  # fmt: skip


def test_a_result_says_how_it_is_known_and_comes_from_who_works_there(
    alice: User, ada: User, bob: User, northside: Organisation
) -> None:
    lesion = LesionFactory(patient=PatientFactory(organisation=northside))
    with pytest.raises(InvalidInput, match="Say how the diagnosis was confirmed"):
        record_pathology(lesion=lesion, diagnosis=diagnosis("nevus"), method="guess", actor=alice)
    for person in (ada, bob):
        with pytest.raises(NotAllowed):
            record_pathology(
                lesion=lesion, diagnosis=diagnosis("nevus"), method="histo", actor=person
            )
    assert not PathologyResult.objects.exists()
