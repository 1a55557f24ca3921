"""Whether the model was right, once it is known what a lesion was."""

from typing import Any

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from accounts.models import Organisation, User
from clinic.models import Case, PathologyResult
from inference.models import Prediction
from inference.selectors.verdicts import Verdict, model_verdicts
from tests.clinic.reading_cases import model_in_service, sign_as, waiting_case
from tests.factories import LesionFactory, LesionImageFactory, PredictionFactory, diagnosis

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(northside: Organisation) -> Case:
    return waiting_case(northside, answer="none")


def says(case: Case, code: str, malignancy: float) -> None:
    probabilities = dict.fromkeys(("akiec", "bcc", "bkl", "df", "mel", "nv", "vasc"), 0.0)
    PredictionFactory(
        image=case.images.get(), model_version=model_in_service(), answered=True, top_class=code,
        probabilities=probabilities | {code: 1.0}, malignancy=malignancy,
    )  # fmt: skip


def turned_out(case: Case, code: str, **fields: Any) -> None:
    lesion = case.images.first().lesion  # type: ignore[union-attr]
    PathologyResult.objects.create(
        lesion=lesion, diagnosis=diagnosis(code), **({"method": "histo"} | fields)
    )


def verdict(user: User, case: Case) -> Verdict:
    [found] = model_verdicts(user, case).values()
    return found


@pytest.mark.parametrize(
    ("said", "malignancy", "was", "malignancy_right", "class_right"),
    [
        ("mel", 0.7, "melanoma", True, True),
        ("mel", 0.7, "nodular-melanoma", True, True),  # a kind of melanoma
        ("mel", 0.7, "nevus", False, False),
        ("nv", 0.1, "melanoma", False, False),
        ("nv", 0.3, "melanoma", True, False),  # suspicious from 0.2 on, whatever is likeliest
        ("nv", 0.1, "nevus", True, True),
        ("akiec", 0.7, "actinic-keratosis", True, True),  # indeterminate, in a class that counts
        ("bkl", 0.1, "actinic-keratosis", False, False),
        ("nv", 0.1, "dysplastic-nevus", None, True),  # neither malignant nor benign
        ("bcc", 0.7, "squamous-cell-carcinoma", True, None),  # the model has no such class
        ("nv", 0.1, "cannot-tell", None, None),
    ],
)
def test_the_model_is_right_or_wrong_on_malignancy_and_on_the_diagnosis(
    case: Case, alice: User, said: str, malignancy: float, was: str,
    malignancy_right: bool | None, class_right: bool | None,
) -> None:  # fmt: skip
    says(case, said, malignancy)
    turned_out(case, was)
    found = verdict(alice, case)
    assert (found.malignancy_right, found.class_right) == (malignancy_right, class_right)


def test_what_the_reader_was_shown_is_judged_and_not_what_the_model_says_since(
    case: Case, dana: User
) -> None:
    says(case, "nv", 0.1)
    sign_as(dana, case)
    Prediction.objects.update(probabilities={"mel": 1.0}, malignancy=0.99, top_class="mel")
    turned_out(case, "melanoma")
    found = verdict(dana, case)
    assert (found.was_shown, found.likeliest) == (True, "Melanocytic nevus")
    assert (found.malignancy_right, found.class_right) == (False, False)


def test_without_a_reading_the_present_answer_is_judged(case: Case, alice: User) -> None:
    says(case, "mel", 0.7)
    turned_out(case, "melanoma")
    found = verdict(alice, case)
    assert (found.was_shown, found.model) == (False, str(model_in_service()))


def test_histopathology_outranks_a_later_consensus(case: Case, alice: User) -> None:
    says(case, "mel", 0.7)
    turned_out(case, "melanoma")
    turned_out(case, "nevus", method="consensus")
    assert verdict(alice, case).class_right is True


def test_there_is_no_verdict_without_a_result_or_without_an_answer(case: Case, alice: User) -> None:
    says(case, "mel", 0.7)
    assert model_verdicts(alice, case) == {}
    turned_out(case, "melanoma")
    Prediction.objects.all().delete()
    assert model_verdicts(alice, case) == {}


def test_a_blind_reader_hears_no_verdict_and_a_stranger_none_at_all(
    case: Case, dana: User, bob: User
) -> None:
    says(case, "mel", 0.7)
    turned_out(case, "melanoma")
    assert model_verdicts(dana, case) == {}
    sign_as(dana, case)
    assert len(model_verdicts(dana, case)) == 1
    assert model_verdicts(bob, case) == {}


def test_many_lesions_take_as_many_queries_as_one(
    case: Case, alice: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(8):
        lesion = LesionFactory(patient=case.patient)
        PathologyResult.objects.create(lesion=lesion, diagnosis=diagnosis("nevus"), method="histo")
        PredictionFactory(
            image=LesionImageFactory(case=case, lesion=lesion),
            model_version=model_in_service(), answered=True,
        )  # fmt: skip
    with django_assert_max_num_queries(9):
        assert len(model_verdicts(alice, case)) == 8
