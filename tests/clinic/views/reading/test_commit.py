"""The commit, and an answer of the model that comes after it."""

from django.http import HttpResponse
from django.urls import reverse

from accounts.models import Organisation, User
from clinic.models import (
    Case,
    Lesion,
    Read,
    Reading,
    ReadingPolicy,
    ReadingState,
    ReadState,
)
from tests.cast import signed_in
from tests.clinic.reading_cases import (
    answer_to,
    waiting_case,
)
from tests.clinic.views.reading.desk import SCRIPT, decided, desk, opinion, post, typed
from tests.factories import diagnosis


def test_the_commit_shows_the_model_and_the_own_opinion_in_words(
    case: Case, lesion: Lesion, dana: User
) -> None:
    response = post(dana, "case-commit", case, opinion(lesion, comment="Banal.", version="0"))
    assert response.headers["Location"] == reverse("case-review", args=[case.pk])
    reading = Reading.objects.get()
    assert reading.state == ReadingState.REVEALED
    assert reading.model_opinion[str(lesion.pk)]["likeliest"] == "mel"
    page = desk(dana, case).content.decode()
    for said in ("Committed", "Melanocytic nevus", "Banal.", "resnet18", "Keep and sign"):
        assert said in page
    assert "data-confirm" not in page


def test_a_script_commits_and_hears_the_state(case: Case, lesion: Lesion, dana: User) -> None:
    response = post(dana, "case-commit", case, opinion(lesion), headers=SCRIPT)
    assert response.json() == {"state": "revealed"}
    again = post(dana, "case-commit", case, opinion(lesion, "melanoma"), headers=SCRIPT)
    assert again.json() == {"state": "revealed"}
    assert Read.objects.get().diagnosis == diagnosis("nevus")


def test_an_incomplete_opinion_comes_back_with_the_field_marked_and_nothing_lost(
    northside: Organisation, dana: User
) -> None:
    case = waiting_case(northside, lesions=2, answer="none")
    first, second = case.patient.lesions.order_by("number")
    data = {**opinion(first), **typed(second, comment="Hm.")}
    response = post(dana, "case-commit", case, data)
    assert response.status_code == 422
    page = response.content.decode()
    assert "Choose a diagnosis for lesion 2." in page
    assert "Hm." in page
    shown = response.context["desk"]
    assert [place.is_open for place in shown.places] == [False, True]
    assert set(Read.objects.values_list("state", flat=True)) == {ReadState.DRAFT}
    script = post(dana, "case-commit", case, data, headers=SCRIPT)
    assert script.status_code == 422
    assert script.json()["errors"] == {
        f"id_lesion-{second.pk}-diagnosis": "Choose a diagnosis for lesion 2."
    }


def test_a_draft_that_comes_after_the_commit_is_refused_with_the_reason(
    case: Case, lesion: Lesion, dana: User
) -> None:
    decided(case, dana)
    late = post(dana, "read-save", case, typed(lesion, comment="Later."), headers=SCRIPT)
    assert (late.status_code, late.json()["code"]) == (409, "committed")
    assert Read.objects.get().comment == "Banal."


def suggestion(user: User, case: Case, lesion: Lesion, **params: str) -> HttpResponse:
    url = reverse("model-suggestion", args=[case.pk, lesion.pk])
    return signed_in(user).get(url, params)


def test_before_the_commit_the_models_address_says_nothing(
    case: Case, lesion: Lesion, dana: User
) -> None:
    refused = suggestion(dana, case, lesion, show="1")
    assert refused.status_code == 409
    assert "mel" not in refused.content.decode().lower().replace("melanoma-", "")


def test_a_late_answer_is_announced_and_recorded_when_it_is_shown(
    northside: Organisation, dana: User
) -> None:
    case = waiting_case(northside, answer="queued")
    image = case.images.get()
    reading = decided(case, dana)
    assert reading.model_opinion == {}
    waiting = suggestion(dana, case, image.lesion).content.decode()
    assert "every 3s" in waiting
    image.predictions.all().delete()
    answer_to(image)
    announced = suggestion(dana, case, image.lesion, show="1").content.decode()
    assert "The model has answered." in announced
    assert "Melanoma" not in announced
    assert (
        "Melanoma"
        not in desk(dana, case)
        .content.decode()
        .split("<dialog")[0]
        .split("data-change")[0]
        .split("<select")[0]
    )
    shown = post(
        dana, "case-reveal", case, {"lesion": str(image.lesion_id)},
        headers={"hx-request": "true"},
    ).content.decode()  # fmt: skip
    assert "Melanoma" in shown
    reading.refresh_from_db()
    assert reading.model_opinion[str(image.lesion_id)]["likeliest"] == "mel"


def test_a_late_answer_is_announced_where_nobody_reads_blind(
    northside: Organisation, dana: User, open_reading: ReadingPolicy
) -> None:
    case = waiting_case(northside, answer="queued")
    image = case.images.get()
    image.predictions.all().delete()
    answer_to(image)
    assert "The model has answered." in suggestion(dana, case, image.lesion).content.decode()
    shown = suggestion(dana, case, image.lesion, show="1").content.decode()
    assert "Confirm Melanoma" in shown


def test_a_lesion_of_another_case_has_no_suggestion_here(
    northside: Organisation, case: Case, dana: User, open_reading: ReadingPolicy
) -> None:
    other = waiting_case(northside).images.get().lesion
    assert suggestion(dana, case, other).status_code == 404
