"""What a reader is told after the commit, lesion by lesion."""

import re
from collections.abc import Callable

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import reverse
from pytest_django.fixtures import DjangoAssertNumQueries

from accounts.models import Organisation, User
from clinic.models import Case, LesionImage, PathologyResult
from clinic.services import commit_reading, save_read
from inference.answers import case_answers
from inference.models import ImageFeatures, ModelVersion, Prediction
from tests.cast import signed_in
from tests.clinic.reading_cases import model_in_service, waiting_case
from tests.factories import LesionImageFactory, PredictionFactory, diagnosis

pytestmark = pytest.mark.django_db

Panel = Callable[[], str]


@pytest.fixture
def case(northside: Organisation) -> Case:
    return waiting_case(northside, answer="none")


@pytest.fixture
def image(case: Case) -> LesionImage:
    return case.images.get()


@pytest.fixture
def panel(case: Case, alice: User) -> Panel:
    """The first lesion's part of the page, as a person who may see it gets it; blanks folded."""

    def render() -> str:
        request = RequestFactory().get("/")
        request.user = alice
        lesion = case.images.first().lesion  # type: ignore[union-attr]
        answer = case_answers(user=alice, case=case).lesions.get(lesion.pk)
        context = {"case": case, "lesion": lesion, "answer": answer, "classes": {}}
        html = render_to_string("clinic/reading/_suggestion.html", context, request)
        return re.sub(r"\s+", " ", html.replace("\u00a0", " "))

    return render


def answered(image: LesionImage, **fields: object) -> Prediction:
    told = {"called": "mel", "plausible": ["mel", "nv"], "strangeness": 0.4} | fields
    version = model_in_service()
    ModelVersion.objects.filter(pk=version.pk).update(plausible_coverage=0.9)
    return PredictionFactory(image=image, model_version=version, answered=True, **told)


def test_the_panel_says_what_cannot_be_ruled_out_and_what_the_promise_means(
    image: LesionImage, panel: Panel
) -> None:
    answered(image)
    html = panel()
    cannot = html.split("Cannot rule out")[1].split("</dd>")[0]
    assert cannot.index("Melanoma") < cannot.index("Melanocytic nevus")
    assert "Basal" not in cannot
    assert "The true diagnosis is in such a list for at least 90 % of images like those" in cannot


def test_the_word_for_how_sure_comes_with_its_reason(image: LesionImage, panel: Panel) -> None:
    answered(image, plausible=["mel", "nv", "bkl"])
    assert "<strong>Unsure</strong>: 3 diagnoses cannot be ruled out." in panel()


def test_all_classes_are_there_sorted_and_folded_after_four(
    image: LesionImage, panel: Panel
) -> None:
    answered(image)
    html = panel()
    bars = re.findall(r'class="bar-code">(\w+)<', html)
    assert bars == ["mel", "nv", "bkl", "bcc", "akiec", "vasc", "df"]
    shown, folded = html.split("<details")
    assert shown.count("bar-code") == 4
    assert "All 7 classes" in folded
    assert '<ol class="bars" start="5"' in folded


def test_the_malignancy_stands_against_the_operating_point(
    image: LesionImage, panel: Panel
) -> None:
    answered(image)
    assert "At or above the operating point of 20 %" in panel()


def test_it_names_the_model_and_that_it_is_no_diagnosis(image: LesionImage, panel: Panel) -> None:
    prediction = answered(image)
    html = panel()
    assert str(prediction.model_version) in html
    assert "Decision support, not a diagnosis." in html


@pytest.mark.parametrize(
    ("kind", "strangeness", "is_warned"),
    [
        ("dermoscopic", 0.99, False),
        ("dermoscopic", 1.0, False),
        ("dermoscopic", 1.01, True),
        ("dermoscopic", None, False),
        ("close_up", 0.2, True),
        ("overview", None, True),
    ],
)
def test_an_image_of_another_kind_carries_a_visible_warning_and_no_sureness(
    image: LesionImage, panel: Panel, kind: str, strangeness: float | None, is_warned: bool
) -> None:
    LesionImage.objects.filter(pk=image.pk).update(kind=kind)
    answered(image, plausible=["mel"], strangeness=strangeness)
    html = panel()
    assert ("Unlike the images this model learned from." in html) == is_warned
    assert ("notice-warning" in html) == is_warned
    assert ("90 % of images like those" in html) != is_warned
    if is_warned:
        assert "<strong>Unsure</strong>" in html


def test_a_decision_other_than_the_likeliest_class_is_said(
    image: LesionImage, panel: Panel
) -> None:
    answered(image)
    assert "If all were equally common" not in panel()
    Prediction.objects.update(called="akiec", plausible=["akiec", "mel"])
    html = panel()
    assert "Actinic keratosis" in html.split("If all were equally common")[1].split("</dd>")[0]


def test_what_was_not_recorded_is_called_so(image: LesionImage, panel: Panel) -> None:
    answered(image, called="", plausible=None, strangeness=None)
    assert panel().count("not recorded") == 2


def test_a_model_that_promises_nothing_is_not_made_to(image: LesionImage, panel: Panel) -> None:
    answered(image, plausible=[])
    html = panel()
    assert "this model does not say" in html
    assert "90 %" not in html


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ("queued", "The model has not answered yet. You need not wait for it."),
        ("failed", "The model gave no answer. The stored image could not be read."),
        ("not asked", "No model looked at these images."),
        ("no model", "No model is in service."),
    ],
)
def test_each_way_of_having_no_answer_is_said_in_words(
    image: LesionImage, panel: Panel, state: str, sentence: str
) -> None:
    if state != "no model":
        version = model_in_service()
        if state == "queued":
            PredictionFactory(image=image, model_version=version)
        elif state == "failed":
            PredictionFactory(image=image, model_version=version, failed=True)
    assert sentence in panel()


def test_of_two_images_one_may_have_failed(image: LesionImage, case: Case, panel: Panel) -> None:
    answered(image)
    PredictionFactory(
        image=LesionImageFactory(case=case, lesion=image.lesion),
        model_version=model_in_service(),
        failed=True,
    )
    assert "1 of 2 images have an answer. The stored image could not be read." in panel()


def test_a_blind_reader_gets_a_sentence_and_no_answer(
    case: Case, image: LesionImage, dana: User
) -> None:
    answered(image)
    request = RequestFactory().get("/")
    request.user = dana
    context = {"case": case, "lesion": image.lesion, "answer": None, "classes": {}}
    html = render_to_string("clinic/reading/_suggestion.html", context, request)
    assert "is shown once your own reading of this case is committed" in html


def test_nobody_is_shown_answers_without_signing_in(case: Case, image: LesionImage) -> None:
    from inference.templatetags.reading import model_answers

    answered(image)
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    assert model_answers({"request": request}, case).lesions == {}  # type: ignore[arg-type]


def test_twenty_images_of_four_lesions_take_two_queries(
    case: Case, alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    first = case.images.get()
    for number in range(20):
        image = first if not number else LesionImageFactory(
            case=case, **({"lesion": first.lesion} if number % 4 else {})
        )  # fmt: skip
        answered(image)
    request = RequestFactory().get("/")
    request.user = alice
    with django_assert_num_queries(2):
        for answer in case_answers(user=alice, case=case).lesions.values():
            lesion = answer.images[0].prediction.image.lesion_id
            context = {
                "case": case, "lesion": {"pk": lesion, "number": 1}, "answer": answer,
                "classes": {},
            }  # fmt: skip
            assert "Cannot rule out" in render_to_string(
                "clinic/reading/_suggestion.html", context, request
            )


# ---- Similar confirmed cases -------------------------------------------------------------------


def like(organisation: Organisation, code: str = "melanoma", *vector: float) -> Case:
    case = waiting_case(organisation, answer="none")
    image = case.images.get()
    ImageFeatures.objects.create(prediction=answered(image), vector=list(vector or (1.0, 0.0)))
    PathologyResult.objects.create(lesion=image.lesion, diagnosis=diagnosis(code), method="histo")
    return case


def similar(user: User, case: Case, *, htmx: bool = True) -> tuple[int, str]:
    lesion = case.images.first().lesion_id  # type: ignore[union-attr]
    response = signed_in(user).get(
        reverse("lesion-similar", args=[case.pk, lesion]),
        headers={"HX-Request": "true"} if htmx else {},
    )
    return response.status_code, re.sub(r"\s+", " ", response.content.decode())


def test_similar_cases_show_picture_diagnosis_meaning_method_and_the_way_there(
    case: Case, image: LesionImage, alice: User, northside: Organisation
) -> None:
    ImageFeatures.objects.create(prediction=answered(image), vector=[1.0, 0.0])
    other = like(northside)
    status, html = similar(alice, case)
    assert status == 200
    assert reverse("case-detail", args=[other.pk]) in html
    assert reverse("image-thumbnail", args=[other.images.get().pk]) in html
    assert "Melanoma" in html
    assert "Malignant · Histopathology" in html
    assert other.reference in html
    assert "<html" not in html


def test_without_a_script_they_stand_on_a_page_of_their_own(
    case: Case, image: LesionImage, alice: User, northside: Organisation
) -> None:
    ImageFeatures.objects.create(prediction=answered(image), vector=[1.0, 0.0])
    like(northside)
    status, html = similar(alice, case, htmx=False)
    assert status == 200
    assert "<html" in html
    assert "Melanoma" in html


def test_why_there_are_none_is_said(case: Case, image: LesionImage, alice: User) -> None:
    prediction = answered(image)
    assert "answered before pictures could be compared" in similar(alice, case)[1]
    ImageFeatures.objects.create(prediction=prediction, vector=[1.0, 0.0])
    assert "No confirmed lesion of another patient" in similar(alice, case)[1]


def test_similar_cases_are_withheld_until_the_commit_and_from_strangers(
    case: Case, image: LesionImage, dana: User, bob: User, northside: Organisation
) -> None:
    ImageFeatures.objects.create(prediction=answered(image), vector=[1.0, 0.0])
    like(northside)
    assert similar(dana, case)[0] == 404
    assert similar(bob, case)[0] == 404
    save_read(
        case=case, lesion=image.lesion, reader=dana, diagnosis=diagnosis("nevus"),
        management="discharge",
    )  # fmt: skip
    commit_reading(case=case, reader=dana)
    status, html = similar(dana, case)
    assert status == 200
    assert "Melanoma" in html


def test_a_lesion_of_another_case_is_not_found(
    case: Case, alice: User, northside: Organisation
) -> None:
    other = like(northside)
    address = reverse("lesion-similar", args=[case.pk, other.images.get().lesion_id])
    assert signed_in(alice).get(address).status_code == 404
