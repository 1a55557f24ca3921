"""Which rows a person may see: those of their organisations, and nothing of the others."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from accounts.models import Organisation, User
from clinic.models import Case, Read
from clinic.selectors import (
    answer_reads,
    own_drafts,
    visible_cases,
    visible_images,
    visible_lesions,
    visible_pathology,
    visible_patients,
    visible_reads,
)
from clinic.services import CaseTaken, record_pathology, save_read
from tests.clinic.reading_cases import second_dermatologist, sign_as, waiting_case
from tests.factories import UserFactory, diagnosis

SELECTORS = [
    visible_patients,
    visible_lesions,
    visible_cases,
    visible_images,
    visible_pathology,
    visible_reads,
    answer_reads,
]
Selector = Callable[[User | AnonymousUser], QuerySet]


@pytest.fixture
def signed_case(northside: Organisation, alice: User, dana: User) -> Case:
    case = waiting_case(northside, answer="none")
    lesion = case.images.get().lesion
    sign_as(dana, case)
    record_pathology(lesion=lesion, diagnosis=diagnosis("nevus"), method="histo", actor=alice)
    return case


@pytest.fixture
def members(alice: User, dana: User, ada: User) -> list[User]:
    return [alice, dana, ada]


@pytest.mark.parametrize("selector", SELECTORS, ids=lambda selector: selector.__name__)
def test_a_row_is_seen_by_its_organisation_and_nobody_else(
    selector: Selector, signed_case: Case, members: list[User], bob: User
) -> None:
    for person in members:
        assert selector(person).count() == 1
    for stranger in (bob, UserFactory(), AnonymousUser()):
        assert not selector(stranger).exists()


@pytest.mark.parametrize("selector", SELECTORS, ids=lambda selector: selector.__name__)
def test_nobody_sees_what_belongs_to_a_closed_organisation_or_with_a_closed_account(
    selector: Selector, signed_case: Case, alice: User, northside: Organisation
) -> None:
    alice.is_active = False
    assert not selector(alice).exists()
    alice.is_active = True
    northside.is_active = False
    northside.save()
    assert not selector(alice).exists()


def test_a_draft_is_seen_by_its_reader_only(northside: Organisation, dana: User) -> None:
    erin, case = second_dermatologist(northside), waiting_case(northside, answer="none")
    lesion = case.images.get().lesion
    mine = save_read(case=case, lesion=lesion, reader=dana, comment="Mine.")
    with pytest.raises(CaseTaken):
        save_read(case=case, lesion=lesion, reader=erin, comment="Hers.")
    hers = Read.objects.get(reader=erin)
    assert set(visible_reads(dana)) == {mine}
    assert set(visible_reads(erin)) == {hers}
    assert list(own_drafts(dana, case)) == [mine]
    assert not answer_reads(dana).exists()
    assert Read.objects.count() == 2
