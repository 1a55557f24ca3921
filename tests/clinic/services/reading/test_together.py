"""Many readers at one moment, on a real PostgreSQL."""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID

import pytest
from django.db import connection

from accounts.errors import DomainError
from accounts.models import Organisation, Role, User
from accounts.services import grant_role
from clinic.models import Case, Read, Reading
from clinic.services import (
    DraftConflict,
    assign_next,
    commit_reading,
    load_taxonomy,
    reveal_opinion,
    save_read,
    sign_reading,
)
from clinic.services.taxonomy import TAXONOMY_DIR
from tests.clinic.reading_cases import waiting_case
from tests.factories import UserFactory, diagnosis

READERS = 50
CASES = 60
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def readers(northside: Organisation) -> list[User]:
    load_taxonomy(path=TAXONOMY_DIR / "2026.1.json")
    people = UserFactory.create_batch(READERS)
    for person in people:
        grant_role(user=person, organisation=northside, role=Role.DERMATOLOGIST)
    return people


def test_fifty_readers_at_once_get_fifty_different_cases_and_lose_no_word(
    northside: Organisation, readers: list[User]
) -> None:
    """Each takes the next case at the same moment, writes, commits and signs, and goes on."""
    for _ in range(CASES):
        waiting_case(northside, answer="none")
    start = Barrier(READERS)

    def read(reader: User) -> list[tuple[UUID, str]]:
        signed = []
        try:
            start.wait(timeout=60)
            while (reading := assign_next(reader=reader, organisation=northside)) is not None:
                case, lesion = reading.case, reading.case.images.get().lesion
                version = 0
                for words in ("First", "Second", "Third"):
                    text = f"{words} word of {reader.pk}"
                    read = save_read(
                        case=case, lesion=lesion, reader=reader, version=version, comment=text
                    )
                    version = read.version
                opinion = {"diagnosis": diagnosis("nevus"), "management": "discharge"}
                commit_reading(case=case, reader=reader, opinions={lesion.pk: opinion})
                reveal_opinion(case=case, reader=reader)
                sign_reading(case=case, reader=reader)
                signed.append((case.pk, text))
        finally:
            connection.close()
        return signed

    with ThreadPoolExecutor(READERS) as pool:
        signed = [pair for pairs in pool.map(read, readers) for pair in pairs]
    assert len(signed) == CASES
    assert max(Counter(case for case, _ in signed).values()) == 1
    assert Reading.objects.count() == CASES, "no case was assigned twice"
    assert not Case.objects.exclude(state="final").exists()
    assert dict(signed) == dict(Read.objects.values_list("case_id", "comment"))


def test_of_two_windows_that_save_at_once_one_hears_of_the_other(
    northside: Organisation, readers: list[User]
) -> None:
    case, reader = waiting_case(northside, answer="none"), readers[0]
    lesion = case.images.get().lesion
    windows = 8
    start = Barrier(windows)

    def write(window: int) -> list[str]:
        """Twenty sentences, each after reading what is stored when it was refused."""
        kept, version = [], 0
        try:
            start.wait(timeout=60)
            for number in range(20):
                text = f"Window {window}, sentence {number}, {random.random()}"
                try:
                    read = save_read(
                        case=case, lesion=lesion, reader=reader, version=version, comment=text
                    )
                except DraftConflict as refusal:
                    version = refusal.stored.version
                else:
                    version = read.version
                    kept.append(text)
        finally:
            connection.close()
        return kept

    with ThreadPoolExecutor(windows) as pool:
        kept = [text for texts in pool.map(write, range(windows)) for text in texts]
    read = Read.objects.get()
    assert read.version == len(kept), "each kept sentence raised the version by one"
    assert read.comment in kept


def test_of_two_who_sign_at_the_same_moment_one_signs(
    northside: Organisation, readers: list[User]
) -> None:
    case = waiting_case(northside, answer="none")
    lesion = case.images.get().lesion
    both = readers[:2]
    start = Barrier(2)

    def sign(reader: User) -> str:
        opinion = {"diagnosis": diagnosis("nevus"), "management": "discharge"}
        try:
            start.wait(timeout=60)
            commit_reading(case=case, reader=reader, opinions={lesion.pk: opinion})
            reveal_opinion(case=case, reader=reader)
            sign_reading(case=case, reader=reader)
        except DomainError as refusal:
            return refusal.code
        else:
            return "signed"
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(sign, both))
    assert outcomes in (["case_taken", "signed"], ["signed", "too_late"])
    assert Reading.objects.filter(state="signed").count() == 1
