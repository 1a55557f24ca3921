"""Which confirmed lesions are shown as similar, and to whom. Each test runs with both searches."""

from math import hypot

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from accounts.models import Organisation, User
from clinic.models import CaseState, Lesion, LesionImage, PathologyResult
from inference.models import ImageFeatures, ModelVersion
from inference.selectors.similar import similar_confirmed
from tests.clinic.reading_cases import model_in_service, sign_as
from tests.factories import (
    CaseFactory,
    LesionFactory,
    LesionImageFactory,
    ModelVersionFactory,
    PatientFactory,
    PredictionFactory,
    diagnosis,
)
from tests.inference.similarity.conftest import _superuser, pgvector, search

__all__ = ["_superuser", "pgvector", "search"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("search")]


def picture(
    lesion: Lesion,
    *features: float,
    version: ModelVersion | None = None,
    state: str = CaseState.SUBMITTED,
) -> LesionImage:
    """An answered image of the lesion, in a case of its own."""
    case = CaseFactory(patient=lesion.patient, submitted=True)
    type(case).objects.filter(pk=case.pk).update(state=state, cancelled_reason="Twice.")
    image = LesionImageFactory(case=case, lesion=lesion)
    prediction = PredictionFactory(
        image=image, model_version=version or model_in_service(), answered=True
    )
    if features:
        length = hypot(*features)
        ImageFeatures.objects.create(
            prediction=prediction, vector=[value / length for value in features]
        )
    return image


def confirmed(
    organisation: Organisation, *features: float, code: str = "melanoma", method: str = "histo"
) -> LesionImage:
    lesion = LesionFactory(patient=PatientFactory(organisation=organisation))
    result(lesion, code, method)
    return picture(lesion, *features)


def result(lesion: Lesion, code: str, method: str = "histo") -> PathologyResult:
    return PathologyResult.objects.create(lesion=lesion, diagnosis=diagnosis(code), method=method)


def new_lesion(organisation: Organisation) -> Lesion:
    return LesionFactory(patient=PatientFactory(organisation=organisation))


@pytest.fixture
def asked(northside: Organisation) -> LesionImage:
    return picture(new_lesion(northside), 1, 0, 0)


def test_the_nearest_confirmed_lesions_come_first_with_what_they_were(
    asked: LesionImage, northside: Organisation, alice: User
) -> None:
    far = confirmed(northside, 0, 1, 0)
    near = confirmed(northside, 3, 1, 0, code="nevus", method="consensus")
    nearest = confirmed(northside, 9, 1, 0)
    found = similar_confirmed(alice, asked)
    assert [row.image for row in found] == [nearest, near, far]
    assert [row.result.diagnosis.code for row in found] == ["melanoma", "nevus", "melanoma"]
    assert found[2].distance == pytest.approx(1)
    assert [row.image for row in similar_confirmed(alice, asked, k=2)] == [nearest, near]


def test_a_lesion_without_a_result_is_none(
    asked: LesionImage, northside: Organisation, alice: User
) -> None:
    picture(new_lesion(northside), 1, 0, 0)
    assert similar_confirmed(alice, asked) == []


def test_the_same_patient_is_never_shown_not_even_with_another_lesion(
    asked: LesionImage, northside: Organisation, alice: User
) -> None:
    result(asked.lesion, "melanoma")
    picture(asked.lesion, 1, 0, 0)
    other = LesionFactory(patient=asked.lesion.patient)
    result(other, "nevus")
    picture(other, 1, 0, 0)
    assert similar_confirmed(alice, asked) == []


def test_a_lesion_comes_once_by_its_nearest_image(
    asked: LesionImage, northside: Organisation, alice: User
) -> None:
    lesion = new_lesion(northside)
    result(lesion, "melanoma")
    picture(lesion, 1, 1, 0)
    nearer = picture(lesion, 5, 1, 0)
    [only] = similar_confirmed(alice, asked)
    assert only.image == nearer


def test_histopathology_outranks_a_later_consensus(
    asked: LesionImage, northside: Organisation, alice: User
) -> None:
    image = confirmed(northside, 1, 0, 0, code="melanoma", method="histo")
    result(image.lesion, "nevus", "consensus")
    [only] = similar_confirmed(alice, asked)
    assert (only.result.diagnosis.code, only.result.method) == ("melanoma", "histo")


def test_of_two_histologies_the_newer_counts(
    asked: LesionImage, northside: Organisation, alice: User
) -> None:
    image = confirmed(northside, 1, 0, 0, code="nevus")
    result(image.lesion, "melanoma")
    [only] = similar_confirmed(alice, asked)
    assert only.result.diagnosis.code == "melanoma"


def test_another_organisations_lesions_stay_there(
    asked: LesionImage, southside: Organisation, alice: User, bob: User
) -> None:
    confirmed(southside, 1, 0, 0)
    assert similar_confirmed(alice, asked) == []
    assert similar_confirmed(bob, asked) == []


@pytest.mark.parametrize("state", [CaseState.DRAFT, CaseState.CANCELLED])
def test_what_was_never_submitted_or_was_cancelled_is_no_example(
    asked: LesionImage, northside: Organisation, alice: User, state: str
) -> None:
    lesion = new_lesion(northside)
    result(lesion, "melanoma")
    picture(lesion, 1, 0, 0, state=state)
    assert similar_confirmed(alice, asked) == []


def test_features_of_another_model_are_not_compared(
    asked: LesionImage, northside: Organisation, alice: User
) -> None:
    lesion = new_lesion(northside)
    result(lesion, "melanoma")
    picture(lesion, 1, 0, 0, 0, version=ModelVersionFactory(state="retired"))
    assert similar_confirmed(alice, asked) == []


def test_an_image_that_was_answered_before_features_were_kept_has_no_similar_ones(
    northside: Organisation, alice: User
) -> None:
    confirmed(northside, 1, 0, 0)
    assert similar_confirmed(alice, picture(new_lesion(northside))) == []


def test_a_blind_reader_is_shown_similar_cases_from_the_commit_on(
    asked: LesionImage, northside: Organisation, dana: User
) -> None:
    confirmed(northside, 1, 0, 0)
    assert similar_confirmed(dana, asked) == []
    sign_as(dana, asked.case)
    assert len(similar_confirmed(dana, asked)) == 1


def test_the_number_of_queries_does_not_grow(
    asked: LesionImage,
    northside: Organisation,
    alice: User,
    search: str,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(12):
        confirmed(northside, 1, number + 1, 0)
    similar_confirmed(alice, asked)
    # The features, which search, the search (pgvector: and its features), pictures, results.
    with django_assert_num_queries(6 if search == "pgvector" else 5):
        assert len(similar_confirmed(alice, asked)) == 5
