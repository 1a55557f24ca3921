"""Finding patients and likely duplicates."""

from datetime import date

import pytest

from accounts.models import Organisation, User
from clinic.selectors import search_patients, similar_patients
from tests.factories import PatientFactory


@pytest.mark.parametrize(
    ("text", "found"),
    [("ok", 1), ("ngozi okonkwo", 1), ("Okonkwo, Ngozi", 1), ("4711", 1), ("smith", 0), ("", 2)],
)
def test_every_word_is_in_the_names_or_the_number(
    northside: Organisation, alice: User, text: str, found: int
) -> None:
    PatientFactory(
        organisation=northside, family_name="Okonkwo", given_name="Ngozi",
        medical_record_number="NS-4711",
    )  # fmt: skip
    PatientFactory(organisation=northside, family_name="Li", given_name="Wei")
    assert search_patients(alice, organisation=northside, text=text).count() == found


def test_a_search_stays_within_what_a_person_may_see(
    northside: Organisation, southside: Organisation, alice: User
) -> None:
    PatientFactory(organisation=southside, family_name="Okonkwo")
    assert not search_patients(alice, text="okonkwo").exists()
    assert not search_patients(alice, organisation=southside, text="okonkwo").exists()


@pytest.mark.parametrize(
    ("typed", "alike"),
    [
        ({"family_name": "okonkwo ", "given_name": "NGOZI"}, True),
        ({"family_name": "Okonkwo", "given_name": "N.", "birth_date": date(1980, 2, 29)}, True),
        ({"family_name": "Okonkwo", "given_name": "Ada"}, False),
        ({"family_name": "Okonkwo", "given_name": "Ngozi", "birth_date": date(1999, 1, 1)}, False),
    ],
)
def test_a_likely_duplicate_has_the_names_or_the_birth_date(
    northside: Organisation, typed: dict[str, object], alike: bool
) -> None:
    PatientFactory(
        organisation=northside, family_name="Okonkwo", given_name="Ngozi",
        birth_date=date(1980, 2, 29),
    )  # fmt: skip
    similar = similar_patients(organisation_id=northside.pk, **typed)  # type: ignore[arg-type]
    assert similar.exists() == alike


def test_a_namesake_of_another_organisation_is_no_duplicate(
    northside: Organisation, southside: Organisation
) -> None:
    PatientFactory(organisation=southside, family_name="Okonkwo", given_name="Ngozi")
    similar = similar_patients(
        organisation_id=northside.pk, family_name="Okonkwo", given_name="Ngozi"
    )
    assert not similar.exists()
