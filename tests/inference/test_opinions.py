"""What is put on record of the model's opinion when a reader is shown it."""

from typing import Any

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from accounts.models import Organisation, User
from clinic.models import Case, Lesion, LesionImage, Reading
from clinic.signals import model_opinion_wanted
from inference.models import ModelState, Prediction
from tests.clinic.reading_cases import add_picture, model_in_service, sign_as, waiting_case
from tests.factories import LesionImageFactory, ModelVersionFactory, PredictionFactory

pytestmark = pytest.mark.django_db


def ask(case: Case) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for _, answer in model_opinion_wanted.send(sender=Case, case=case):
        said |= answer or {}
    return said


def image_of(case: Case, lesion: Lesion, kind: str = "dermoscopic") -> LesionImage:
    return LesionImageFactory(case=case, lesion=lesion, kind=kind)


@pytest.fixture
def case(northside: Organisation) -> Case:
    return waiting_case(northside, answer="none")


def test_the_opinion_names_the_model_and_holds_all_it_said(case: Case) -> None:
    image = case.images.get()
    version = model_in_service()
    PredictionFactory(
        image=image, model_version=version, answered=True, called="akiec",
        plausible=["akiec", "mel"], strangeness=0.4,
    )  # fmt: skip
    assert ask(case) == {
        str(image.lesion_id): {
            "model": str(version),
            "version": str(version.pk),
            "digest": version.digest,
            "likeliest": "mel",
            "called": "akiec",
            "diagnosis": "melanoma",
            "probabilities": {
                "akiec": 0.02, "bcc": 0.03, "bkl": 0.1, "df": 0.01, "mel": 0.62, "nv": 0.2,
                "vasc": 0.02,
            },
            "malignancy": 0.67,
            "operating_point": 0.2,
            "suspicious": True,
            "plausible": ["mel", "akiec"],
            "strangeness": 0.4,
            "sureness": "unsure",
            "images": [str(image.pk)],
        }
    }  # fmt: skip


def test_an_answer_from_before_says_what_was_not_recorded(case: Case) -> None:
    PredictionFactory(image=case.images.get(), model_version=model_in_service(), answered=True)
    [opinion] = ask(case).values()
    assert (opinion["called"], opinion["plausible"], opinion["strangeness"]) == ("", None, None)
    assert opinion["sureness"] is None


def test_several_images_are_one_opinion_by_the_rules_of_the_page(case: Case) -> None:
    first = case.images.get()
    second, close_up = (image_of(case, first.lesion, kind) for kind in ("dermoscopic", "close_up"))
    version = model_in_service()
    none = dict.fromkeys(("akiec", "bcc", "bkl", "df", "vasc"), 0.0)
    for image, melanoma, plausible, strangeness in (
        (first, 0.3, ["nv"], 0.2),
        (second, 0.9, ["mel", "nv"], 1.4),
        (close_up, 1.0, ["mel"], 9.0),
    ):
        PredictionFactory(
            image=image, model_version=version, answered=True, malignancy=melanoma,
            probabilities=none | {"mel": melanoma, "nv": 1 - melanoma}, top_class="mel",
            called="mel", plausible=plausible, strangeness=strangeness,
        )  # fmt: skip
    [opinion] = ask(case).values()
    assert opinion["probabilities"]["mel"] == pytest.approx(0.6)
    assert opinion["likeliest"] == "mel"
    assert opinion["malignancy"] == 1.0, "the highest of all images orders the worklist"
    assert opinion["plausible"] == ["mel", "nv"]
    assert opinion["strangeness"] == 1.4, "a close-up has no say where there is dermoscopy"
    assert opinion["images"] == [str(first.pk), str(second.pk)]


@pytest.mark.parametrize("other", ["queued", "failed"])
def test_a_lesion_that_still_waits_is_left_out_and_a_failure_is_not_waited_for(
    case: Case, other: str
) -> None:
    lesion = case.images.get().lesion
    PredictionFactory(image=case.images.get(), model_version=model_in_service(), answered=True)
    add_picture(case, lesion, answer=other)
    assert len(ask(case)) == (1 if other == "failed" else 0)


def test_a_shadow_is_not_heard_and_a_retired_model_only_where_the_new_one_was_not_asked(
    case: Case,
) -> None:
    image = case.images.get()
    PredictionFactory(
        image=image, model_version=ModelVersionFactory(state=ModelState.SHADOW), answered=True
    )
    assert ask(case) == {}
    retired = ModelVersionFactory(state=ModelState.RETIRED)
    PredictionFactory(image=image, model_version=retired, answered=True)
    assert [opinion["model"] for opinion in ask(case).values()] == [str(retired)]
    active = PredictionFactory(image=image, model_version=model_in_service())
    assert ask(case) == {}, "the page says that the model has not answered yet"
    Prediction.objects.filter(pk=active.pk).update(
        state="succeeded", probabilities={"nv": 1.0}, malignancy=0.0
    )
    assert [opinion["model"] for opinion in ask(case).values()] == [str(model_in_service())]


def test_a_signed_reading_keeps_it(case: Case, dana: User) -> None:
    PredictionFactory(image=case.images.get(), model_version=model_in_service(), answered=True)
    expected = ask(case)
    sign_as(dana, case)
    assert Reading.objects.get().model_opinion == expected


def test_twenty_images_take_two_queries(
    case: Case, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    lesion = case.images.get().lesion
    for _ in range(20):
        PredictionFactory(
            image=image_of(case, lesion), model_version=model_in_service(), answered=True
        )
    with django_assert_num_queries(2):
        assert len(ask(case)) == 1
