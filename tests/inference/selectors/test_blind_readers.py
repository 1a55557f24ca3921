"""Nothing of the model's opinion reaches a dermatologist who has not committed an own one.

The answer of these cases holds numbers and words that occur nowhere else on a page: whatever
address is asked, none of them may be found in what comes back.
"""

import pytest
from django.http import HttpResponse
from django.template import Context, Template
from django.test import RequestFactory
from django.urls import reverse
from pytest_django.fixtures import DjangoAssertNumQueries

from accounts.models import Organisation, User
from clinic.models import Case, ReadingPolicy
from clinic.services import commit_reading, record_case_malignancy, save_read
from inference.models import ImageFeatures, Prediction
from inference.selectors import visible_predictions
from tests.cast import signed_in
from tests.clinic.reading_cases import answer_to, second_dermatologist, sign_as, waiting_case
from tests.factories import diagnosis

pytestmark = pytest.mark.django_db

TELLING = ("0.6731", "67 %", "1.4242", "Zebra melanoma", "calls it suspicious", "Low risk")
HTMX = {"HX-Request": "true"}


@pytest.fixture
def case(northside: Organisation) -> Case:
    """Answered with a malignancy of 67 % by a model whose likeliest class nobody else has."""
    case = waiting_case(northside, answer="none", number=42)
    prediction = answer_to(case.images.get())
    version = prediction.model_version
    version.refresh_from_db()  # its classes were the list that every test shares
    for kind in version.classes:
        if kind["code"] == "mel":
            kind["name"] = "Zebra melanoma"
    version.save()
    Prediction.objects.update(
        malignancy=0.6731, called="mel", plausible=["mel", "nv"], strangeness=1.4242
    )
    ImageFeatures.objects.create(prediction=prediction, vector=[0.6, 0.8])
    record_case_malignancy(malignancy_by_case={case.pk: 0.6731})
    return case


def addresses(case: Case) -> dict[str, str]:
    lesion = case.images.get().lesion_id
    return {
        "worklist": reverse("worklist"),
        "home": reverse("home"),
        "cases": reverse("case-list"),
        "case": reverse("case-detail", args=[case.pk]),
        "print": reverse("case-print", args=[case.pk]),
        "patient": reverse("patient-detail", args=[case.patient_id]),
        "review": reverse("case-review", args=[case.pk]),
        "polling": reverse("case-answers", args=[case.pk]),
        "suggestion": reverse("model-suggestion", args=[case.pk, lesion]) + "?show=1",
        "similar": reverse("lesion-similar", args=[case.pk, lesion]),
        "API cases": f"/api/v1/cases/{case.pk}/",
        "API case list": "/api/v1/cases/",
        "API predictions": "/api/v1/predictions/",
        "API by malignancy": "/api/v1/predictions/?malignancy_from=0.5",
    }


NAMES = (
    "worklist", "home", "cases", "case", "print", "patient", "review", "polling", "suggestion",
    "similar", "API cases", "API case list", "API predictions", "API by malignancy",
)  # fmt: skip


def told(response: HttpResponse) -> list[str]:
    text = response.content.decode(errors="replace")
    return [sign for sign in TELLING if sign in text.replace("\u00a0", " ")]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("htmx", [False, True])
def test_no_response_tells_a_blind_reader_anything(
    case: Case, dana: User, name: str, htmx: bool
) -> None:
    response = signed_in(dana).get(addresses(case)[name], headers=HTMX if htmx else {}, follow=True)
    assert response.status_code in {200, 286, 404, 409}
    assert told(response) == [], response.content.decode()[:500]
    assert str(Prediction.objects.get().pk) not in response.content.decode()


def test_the_same_words_are_found_where_they_may_be_seen(case: Case, alice: User) -> None:
    """Otherwise the test above could not fail."""
    browser = signed_in(alice)
    page = browser.get(addresses(case)["case"]).content.decode().replace("\u00a0", " ")
    assert "Zebra melanoma" in page
    assert "67 %" in page
    assert "0.6731" in browser.get(addresses(case)["API predictions"]).content.decode()


def test_maps_and_retries_are_not_there_for_a_blind_reader(case: Case, dana: User) -> None:
    prediction = Prediction.objects.get()
    browser = signed_in(dana)
    assert browser.get(reverse("prediction-saliency", args=[prediction.pk])).status_code == 404
    assert browser.post(reverse("prediction-retry", args=[prediction.pk])).status_code == 404
    assert browser.get(f"/api/v1/predictions/{prediction.pk}/").status_code == 404
    assert browser.post(f"/api/v1/predictions/{prediction.pk}/retry/").status_code in {403, 404}


RISKS = Template(
    "{% load reading %}{% if ahead %}{% look_up_risks cases %}{% endif %}"
    "{% for case in cases %}{% risk case %}{% endfor %}"
)


@pytest.mark.parametrize("ahead", [False, True])
def test_the_risk_of_a_case_is_no_word_for_a_blind_reader(
    case: Case, dana: User, alice: User, northside: Organisation, ahead: bool
) -> None:
    def risks(user: User) -> str:
        request = RequestFactory().get("/")
        request.user = user
        context = {"request": request, "cases": [case], "ahead": ahead}
        return RISKS.render(Context(context)).replace("\u00a0", " ")

    assert "After your read" in risks(dana)
    assert not any(sign in risks(dana) for sign in TELLING)
    case.refresh_from_db()
    assert "Suspicious" in risks(alice)
    assert "67 %" in risks(alice)


def test_the_risks_of_a_list_take_two_queries(
    northside: Organisation, alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    cases = [waiting_case(northside) for _ in range(8)]
    request = RequestFactory().get("/")
    request.user = alice
    with django_assert_num_queries(2):
        RISKS.render(Context({"request": request, "cases": cases, "ahead": True}))


def test_the_pages_say_that_it_is_withheld_and_when_it_is_shown(case: Case, dana: User) -> None:
    browser = signed_in(dana)
    page = browser.get(addresses(case)["case"]).content.decode()
    assert "is shown once your own reading of this case is committed" in page


def test_the_commit_opens_it_and_only_for_that_case(
    case: Case, dana: User, northside: Organisation
) -> None:
    other = waiting_case(northside)
    save_read(
        case=case, lesion=case.images.get().lesion, reader=dana, diagnosis=diagnosis("nevus"),
        management="discharge",
    )  # fmt: skip
    assert not visible_predictions(dana).exists(), "a draft opens nothing"
    commit_reading(case=case, reader=dana)
    seen = visible_predictions(dana)
    assert {row.image.case_id for row in seen} == {case.pk}
    assert other.pk not in {row.image.case_id for row in seen}


def test_what_is_closed_is_open_to_all_who_may_see_the_case(
    case: Case, dana: User, northside: Organisation
) -> None:
    erin = second_dermatologist(northside)
    assert not visible_predictions(erin).exists()
    sign_as(dana, case)
    assert visible_predictions(erin).exists()


def test_an_organisation_that_does_not_read_blind_shows_it_at_once(
    case: Case, dana: User, northside: Organisation
) -> None:
    ReadingPolicy.objects.create(organisation=northside, blind=False)
    assert visible_predictions(dana).exists()
    assert "Suspicious" in signed_in(dana).get(reverse("worklist")).content.decode()


def test_clinicians_and_administrators_are_not_blinded_and_strangers_see_nothing(
    case: Case, alice: User, ada: User, bob: User
) -> None:
    assert visible_predictions(alice).exists()
    assert visible_predictions(ada).exists()
    assert not visible_predictions(bob).exists()
