"""The number keys: the usual ones, one's own, and what cannot be on a key."""

import pytest
from django.urls import reverse

from accounts.errors import InvalidInput
from accounts.models import Organisation, User
from clinic.models import FavouriteDiagnosis
from clinic.selectors import taxonomy
from clinic.selectors.favourites import DEFAULTS, favourites
from clinic.services.favourites import choose_favourites
from tests.cast import signed_in
from tests.clinic.reading_cases import second_dermatologist, waiting_case
from tests.factories import diagnosis

PAGE = reverse("favourite-diagnoses")


def keys_of(user: User) -> dict[int, str]:
    return {one.key: one.diagnosis.code for one in favourites(user, taxonomy())}


def test_everybody_starts_with_the_usual_nine_and_a_nevus_is_the_first(dana: User) -> None:
    assert keys_of(dana) == dict(enumerate(DEFAULTS, start=1))
    assert keys_of(dana)[1] == "nevus"


def test_ones_own_keys_replace_the_usual_and_nobody_elses(
    dana: User, northside: Organisation
) -> None:
    erin = second_dermatologist(northside)
    sent = {"key_1": diagnosis("melanoma").pk, "key_9": diagnosis("nevus").pk}
    response = signed_in(dana).post(PAGE, sent)
    assert response.headers["Location"] == reverse("worklist")
    assert keys_of(dana) == {1: "melanoma", 9: "nevus"}
    assert keys_of(erin) == dict(enumerate(DEFAULTS, start=1))
    page = signed_in(dana).get(reverse("case-review", args=[waiting_case(northside).pk]))
    assert [(one.key, one.diagnosis.code) for one in page.context["desk"].favourites] == [
        (1, "melanoma"), (9, "nevus"),
    ]  # fmt: skip


def test_the_usual_ones_come_back(dana: User) -> None:
    choose_favourites(reader=dana, diagnoses={1: diagnosis("melanoma")})
    signed_in(dana).post(PAGE, {"usual": "1"})
    assert not FavouriteDiagnosis.objects.exists()


def test_a_diagnosis_twice_is_said_at_its_key_and_changes_nothing(dana: User) -> None:
    choose_favourites(reader=dana, diagnoses={1: diagnosis("melanoma")})
    nevus = diagnosis("nevus").pk
    response = signed_in(dana).post(PAGE, {"key_2": nevus, "key_4": nevus})
    assert response.status_code == 422
    assert "Melanocytic nevus is on key 2 already." in response.content.decode()
    assert keys_of(dana) == {1: "melanoma"}


@pytest.mark.parametrize(("key", "code"), [(0, "nevus"), (10, "nevus"), (1, "melanocytic")])
def test_what_is_no_key_or_no_diagnosis_is_refused(dana: User, key: int, code: str) -> None:
    with pytest.raises(InvalidInput):
        choose_favourites(reader=dana, diagnoses={key: diagnosis(code)})


@pytest.mark.parametrize("next_url", ["https://elsewhere.example/", "//elsewhere.example"])
def test_the_way_back_stays_on_this_site(dana: User, next_url: str) -> None:
    response = signed_in(dana).post(PAGE, {"usual": "1", "next": next_url})
    assert response.headers["Location"] == reverse("worklist")
