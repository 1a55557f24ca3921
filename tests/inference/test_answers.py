"""One suggestion for a lesion from the answers to its images."""

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from accounts.models import Organisation, User
from clinic.models import Case
from inference.answers import case_answers
from inference.lesion_answers import LesionAnswer
from inference.models import ModelState, Prediction
from tests.clinic.reading_cases import add_picture, model_in_service, waiting_case
from tests.factories import LesionImageFactory, ModelVersionFactory, PredictionFactory


def answered(
    case: Case, malignancy: float, kind: str = "dermoscopic", **probabilities: float
) -> None:
    image = LesionImageFactory(case=case, lesion=case.images.first().lesion, kind=kind)
    everything = dict.fromkeys(("akiec", "bcc", "bkl", "df", "mel", "nv", "vasc"), 0.0)
    PredictionFactory(
        image=image, model_version=model_in_service(), answered=True, malignancy=malignancy,
        probabilities=everything | probabilities,
        top_class=max(probabilities, key=lambda code: probabilities[code]),
    )  # fmt: skip


def of_lesion(user: User, case: Case) -> LesionAnswer:
    [answer] = case_answers(user=user, case=case).lesions.values()
    return answer


@pytest.fixture
def case(northside: Organisation) -> Case:
    return waiting_case(northside, answer="none")


def test_the_suggestion_is_the_mean_and_the_malignancy_the_highest(case: Case, alice: User) -> None:
    answered(case, 0.1, nv=0.9, mel=0.1)
    answered(case, 0.7, nv=0.3, mel=0.7)
    answer = of_lesion(alice, case)
    assert answer.top is not None
    assert (answer.top.code, round(answer.top.probability, 6)) == ("nv", 0.6)
    assert [row.code for row in answer.rows[:2]] == ["nv", "mel"]
    assert answer.malignancy == 0.7
    assert answer.operating_point == 0.2


def test_a_close_up_has_no_say_where_there_is_a_dermoscopic_image(case: Case, alice: User) -> None:
    answered(case, 0.1, nv=0.9, mel=0.1)
    answered(case, 0.7, kind="close_up", nv=0.3, mel=0.7)
    answer = of_lesion(alice, case)
    assert answer.top is not None
    assert (answer.top.code, answer.top.probability, len(answer.judged)) == ("nv", 0.9, 1)


def test_the_likeliest_is_never_ruled_out(case: Case, alice: User) -> None:
    """A set that leaves it out keeps its promise, but no reader could make sense of it."""
    answered(case, 0.3, nv=0.56, mel=0.25, bkl=0.18)
    Prediction.objects.update(plausible=["mel", "bkl"])
    plausible = of_lesion(alice, case).plausible
    assert plausible is not None
    assert [row.code for row in plausible] == ["nv", "mel", "bkl"]


def test_a_close_up_is_better_than_nothing(case: Case, alice: User) -> None:
    answered(case, 0.7, kind="close_up", nv=0.3, mel=0.7)
    assert len(of_lesion(alice, case).judged) == 1


def test_a_lesion_with_no_answer_suggests_nothing_and_says_why(case: Case, alice: User) -> None:
    add_picture(case, case.images.get().lesion, answer="failed")
    answer = of_lesion(alice, case)
    assert (answer.top, answer.malignancy, answer.rows) == (None, None, [])
    assert answer.has_failed
    assert answer.reason == "The stored image could not be read."


def test_one_failed_image_does_not_take_the_others_with_it(case: Case, alice: User) -> None:
    answered(case, 0.7, mel=0.7, nv=0.3)
    add_picture(case, case.images.first().lesion, answer="failed")
    answer = of_lesion(alice, case)
    assert answer.top is not None
    assert (answer.top.code, len(answer.answered), len(answer.images)) == ("mel", 1, 2)
    assert not answer.has_failed


def test_the_model_in_service_outranks_the_one_before_and_a_shadow_is_not_heard(
    case: Case, alice: User
) -> None:
    image = case.images.get()
    for state in (ModelState.RETIRED, ModelState.SHADOW):
        PredictionFactory(
            image=image, model_version=ModelVersionFactory(state=state), answered=True,
            top_class="nv", probabilities={"nv": 1.0}, malignancy=0.0,
        )  # fmt: skip
    assert of_lesion(alice, case).malignancy == 0.0
    PredictionFactory(image=image, model_version=model_in_service(), answered=True)
    answer = of_lesion(alice, case)
    assert answer.model_version == model_in_service()
    assert answer.malignancy == 0.67


def test_a_stranger_hears_nothing(case: Case, bob: User) -> None:
    answered(case, 0.7, mel=0.7, nv=0.3)
    answers = case_answers(user=bob, case=case)
    assert (answers.images, answers.lesions) == ({}, {})


def test_twenty_answers_take_two_queries(
    case: Case, alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(20):
        answered(case, 0.7, mel=0.7, nv=0.3)
    with django_assert_num_queries(2):
        answers = case_answers(user=alice, case=case)
        assert all(answer.rows for answer in answers.lesions.values())
