"""The review screen's addresses: the desk, drafts, signing, two readers, late answers."""

import json
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Organisation, User
from clinic.models import Case, CaseState, Lesion, Read, ReadState
from clinic.services import save_read, sign_case
from tests.cast import signed_in
from tests.clinic.reading_cases import answer_to, second_dermatologist, waiting_case
from tests.factories import diagnosis

SCRIPT = {"accept": "application/json"}


@pytest.fixture
def case(northside: Organisation) -> Case:
    return waiting_case(northside)


@pytest.fixture
def lesion(case: Case) -> Lesion:
    return case.images.get().lesion


def typed(lesion: Lesion, **fields: str) -> dict[str, str]:
    """A post of one lesion's fields; its comment is always among them, as in a browser."""
    return {
        f"lesion-{lesion.pk}-{name}": value for name, value in {"comment": "", **fields}.items()
    }


def opinion(lesion: Lesion, code: str = "nevus", management: str = "discharge") -> dict[str, str]:
    return typed(lesion, diagnosis=str(diagnosis(code).pk), management=management)


def post(user: User, name: str, case: Case, data: dict[str, str], **options: Any) -> HttpResponse:
    return signed_in(user).post(reverse(name, args=[case.pk]), data, **options)


def desk(user: User, case: Case, **params: str) -> HttpResponse:
    return signed_in(user).get(reverse("case-review", args=[case.pk]), params)


# ---- The desk ----------------------------------------------------------------------------------


def test_the_desk_has_the_facts_the_question_and_the_models_answer(
    northside: Organisation, dana: User
) -> None:
    case = waiting_case(northside, clinical_question="Bleeds since May.", priority=1)
    Lesion.objects.update(history="Itches at night.")
    image = case.images.get()
    image.quality = [{"code": "dark", "sentence": "The picture is dark."}]
    image.save()
    page = desk(dana, case).content.decode()
    for said in (
        "Halvorsen, Ingrid", "55 years", "skin type II", "Bleeds since May.", "Itches at night.",
        "The picture is dark.", "Confirm Melanoma", "Urgent", "1 of 1",
    ):  # fmt: skip
        assert said in page


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("queued", "The model has not answered yet."),
        ("failed", "The stored image could not be read."),
        ("none", "No model looked at these images."),
    ],
)
def test_the_desk_works_without_an_answer(
    northside: Organisation, dana: User, answer: str, said: str
) -> None:
    page = desk(dana, waiting_case(northside, answer=answer)).content.decode()
    assert said in page
    assert "data-confirm" not in page


def test_the_image_asked_for_is_on_the_stage_and_its_lesion_open(
    northside: Organisation, dana: User
) -> None:
    case = waiting_case(northside, lesions=2, answer="none")
    image = case.images.get(lesion__number=2)
    shown = desk(dana, case, image=str(image.pk)).context["desk"]
    assert shown.image == image
    assert [place.is_open for place in shown.places] == [False, True]
    assert desk(dana, case, image="nonsense").status_code == 200


def test_a_draft_cannot_be_read_and_what_is_closed_leads_to_its_page(
    case: Case, dana: User
) -> None:
    Case.objects.update(state="draft")
    refused = desk(dana, case)
    assert refused.status_code == 409
    assert "is still a draft" in refused.content.decode()
    Case.objects.update(state="cancelled", cancelled_reason="Twice.")
    assert desk(dana, case).headers["Location"] == reverse("case-detail", args=[case.pk])


def test_the_desk_is_not_kept_by_the_browser(case: Case, dana: User) -> None:
    assert "no-store" in desk(dana, case).headers["Cache-Control"]


def test_twenty_images_of_five_lesions_take_as_many_queries_as_one(
    northside: Organisation, dana: User
) -> None:
    counts = []
    for lesions, images in ((1, 1), (5, 4)):
        case = waiting_case(northside, lesions=lesions, images=images)
        client = signed_in(dana)
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("case-review", args=[case.pk]))
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[0] <= 20


# ---- Drafts ------------------------------------------------------------------------------------


def test_a_script_keeps_a_draft_and_gets_the_time(case: Case, lesion: Lesion, dana: User) -> None:
    response = post(dana, "read-save", case, typed(lesion, comment=" As typed. "), headers=SCRIPT)
    assert response.status_code == 200
    assert json.loads(response.content)["saved_at"]
    assert Read.objects.get().comment == " As typed. "


def test_only_the_lesions_that_are_sent_are_touched(northside: Organisation, dana: User) -> None:
    case = waiting_case(northside, lesions=2, answer="none")
    first, second = case.patient.lesions.order_by("number")
    save_read(case=case, lesion=second, reader=dana, comment="Stays.")
    post(dana, "read-save", case, typed(first, comment="New."), headers=SCRIPT)
    assert {read.lesion: read.comment for read in Read.objects.all()} == {
        first: "New.", second: "Stays.",
    }  # fmt: skip


def test_an_untouched_lesion_makes_no_draft(case: Case, lesion: Lesion, dana: User) -> None:
    post(dana, "read-save", case, typed(lesion), headers=SCRIPT)
    assert not Read.objects.exists()


def test_one_wrong_field_does_not_take_the_others_with_it(
    case: Case, lesion: Lesion, dana: User
) -> None:
    data = typed(lesion, management="monitor", monitor_months="99", comment="Kept.")
    response = post(dana, "read-save", case, data, headers=SCRIPT)
    assert response.status_code == 422
    assert json.loads(response.content)["errors"] == {
        f"id_lesion-{lesion.pk}-monitor_months": "Monitoring is due in 1 to 36 months."
    }
    read = Read.objects.get()
    assert (read.management, read.comment, read.monitor_months) == ("monitor", "Kept.", None)


@pytest.mark.parametrize("value", ["999999", "melanoma", "-1"])
def test_a_diagnosis_that_is_not_in_the_list_is_refused(
    case: Case, lesion: Lesion, dana: User, value: str
) -> None:
    response = post(dana, "read-save", case, typed(lesion, diagnosis=value), headers=SCRIPT)
    assert response.status_code == 422
    assert "Choose a diagnosis from the list." in response.content.decode()


def test_the_models_diagnosis_is_confirmed_without_a_script(
    case: Case, lesion: Lesion, dana: User
) -> None:
    data = {**typed(lesion, management="excise"), "confirm": f"{lesion.pk}:mel"}
    response = post(dana, "read-save", case, data)
    assert response.headers["Location"] == reverse("case-review", args=[case.pk])
    read = Read.objects.get()
    assert (read.diagnosis, read.management) == (diagnosis("melanoma"), "excise")


# ---- Signing -----------------------------------------------------------------------------------


def test_sign_and_next_opens_the_next_case(
    northside: Organisation, case: Case, lesion: Lesion, dana: User
) -> None:
    data = {**opinion(lesion), "seen": "1", "then": "next"}
    response = post(dana, "case-sign", case, data)
    assert response.headers["Location"] == reverse("worklist-next")
    case.refresh_from_db()
    assert case.state == CaseState.FINAL


def test_sign_and_close_leads_to_the_worklist_and_says_what_was_signed(
    case: Case, lesion: Lesion, dana: User
) -> None:
    data = {**opinion(lesion), "seen": "1", "then": "close"}
    page = post(dana, "case-sign", case, data, follow=True).content.decode()
    assert f"{case.reference} is signed and closed: 1 lesion." in page
    assert "Nothing waits" in page


def test_a_click_that_came_twice_signs_once(case: Case, lesion: Lesion, dana: User) -> None:
    data = {**opinion(lesion), "seen": "1", "then": "next"}
    answers = [post(dana, "case-sign", case, data) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert Read.objects.get().state == ReadState.SIGNED


def test_an_incomplete_read_comes_back_with_the_field_marked_and_nothing_lost(
    northside: Organisation, dana: User
) -> None:
    case = waiting_case(northside, lesions=2, answer="none")
    first, second = case.patient.lesions.order_by("number")
    data = {**opinion(first), **typed(second, comment="Hm."), "seen": "1"}
    response = post(dana, "case-sign", case, data)
    assert response.status_code == 422
    page = response.content.decode()
    assert "Choose a diagnosis for lesion 2 before you sign." in page
    assert "Hm." in page
    shown = response.context["desk"]
    assert [place.is_open for place in shown.places] == [False, True]
    case.refresh_from_db()
    assert case.state == CaseState.SUBMITTED
    assert Read.objects.filter(state=ReadState.DRAFT).count() == 2


def test_an_empty_post_is_refused_with_a_sentence(case: Case, dana: User) -> None:
    response = post(dana, "case-sign", case, {"seen": "1"})
    assert response.status_code == 422
    assert "Choose a diagnosis for lesion 1 before you sign." in response.content.decode()


def test_without_a_script_the_summary_comes_first(case: Case, lesion: Lesion, dana: User) -> None:
    response = post(dana, "case-sign", case, {**opinion(lesion), "then": "next"})
    page = response.content.decode()
    assert response.status_code == 200
    assert "A signed read cannot be changed." in page
    assert "Melanocytic nevus" in page
    case.refresh_from_db()
    assert case.state == CaseState.SUBMITTED
    confirmed = post(dana, "case-sign", case, {"seen": "1", "then": "next"})
    assert confirmed.headers["Location"] == reverse("worklist-next")


# ---- Two readers -------------------------------------------------------------------------------


@pytest.fixture
def signed_by_erin(case: Case, lesion: Lesion, northside: Organisation) -> Case:
    erin = second_dermatologist(northside)
    hers = {"diagnosis": diagnosis("nevus"), "management": "discharge", "comment": "Banal."}
    sign_case(case=case, reader=erin, opinions={lesion.pk: hers})
    return case


@pytest.mark.parametrize("name", ["case-sign", "read-save"])
def test_the_slower_reader_sees_both_opinions(
    signed_by_erin: Case, lesion: Lesion, dana: User, name: str
) -> None:
    data = {**opinion(lesion, "melanoma", "excise"), "seen": "1"}
    response = post(dana, name, signed_by_erin, data)
    assert response.status_code == 409
    page = response.content.decode()
    for said in ("Erin Eriksen has signed", "Your draft is kept", "Melanoma", "Excise", "Banal."):
        assert said in page
    again = desk(dana, signed_by_erin)
    assert again.status_code == 200
    assert "Melanoma" in again.content.decode()


def test_a_script_is_told_by_a_problem_document(
    signed_by_erin: Case, lesion: Lesion, dana: User
) -> None:
    data = typed(lesion, comment="Late.")
    response = post(dana, "read-save", signed_by_erin, data, headers=SCRIPT)
    assert response.status_code == 409
    problem = json.loads(response.content)
    assert problem["code"] == "signed_by_another"
    assert "Erin Eriksen has signed" in problem["detail"]
    assert Read.objects.get(reader=dana).comment == "Late."


def test_a_reader_never_sees_a_colleagues_draft(
    case: Case, lesion: Lesion, dana: User, northside: Organisation
) -> None:
    erin = second_dermatologist(northside)
    save_read(case=case, lesion=lesion, reader=erin, comment="Between us: odd.")
    assert "Between us" not in desk(dana, case).content.decode()


# ---- The model's late answer -------------------------------------------------------------------


def suggestion(user: User, case: Case, lesion: Lesion, **params: str) -> str:
    url = reverse("model-suggestion", args=[case.pk, lesion.pk])
    return signed_in(user).get(url, params).content.decode()


def test_a_late_answer_is_announced_before_it_is_shown(northside: Organisation, dana: User) -> None:
    case = waiting_case(northside, answer="queued")
    image = case.images.get()
    waiting = suggestion(dana, case, image.lesion)
    assert "has not answered yet" in waiting
    assert "every 3s" in waiting
    image.predictions.all().delete()
    answer_to(image)
    announced = suggestion(dana, case, image.lesion)
    assert "The model has answered." in announced
    assert "every 3s" not in announced
    assert "Melanoma" not in announced
    assert "Confirm Melanoma" in suggestion(dana, case, image.lesion, show="1")


def test_a_lesion_of_another_case_has_no_suggestion_here(
    northside: Organisation, case: Case, dana: User
) -> None:
    other = waiting_case(northside).images.get().lesion
    url = reverse("model-suggestion", args=[case.pk, other.pk])
    assert signed_in(dana).get(url).status_code == 404
