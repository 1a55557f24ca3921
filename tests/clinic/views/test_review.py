"""The review screen's addresses: the desk in three shapes, drafts, commit, change, signature."""

import json
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Organisation, Role, User
from accounts.services import grant_role
from clinic.models import (
    Case,
    CaseState,
    Lesion,
    LesionImage,
    Read,
    Reading,
    ReadingPolicy,
    ReadingState,
    ReadStage,
    ReadState,
)
from clinic.services import assign_case, commit_reading, reveal_opinion, save_read
from tests.cast import signed_in
from tests.clinic.reading_cases import (
    add_picture,
    answer_to,
    second_dermatologist,
    sign_as,
    waiting_case,
)
from tests.factories import PASSWORD, diagnosis

SCRIPT = {"accept": "application/json"}


@pytest.fixture
def case(northside: Organisation) -> Case:
    return waiting_case(northside)


@pytest.fixture
def lesion(case: Case) -> Lesion:
    return case.images.get().lesion


@pytest.fixture
def open_reading(northside: Organisation) -> ReadingPolicy:
    """Northside shows the model's answer from the start."""
    return ReadingPolicy.objects.create(organisation=northside, blind=False)


def typed(lesion: Lesion, **fields: str) -> dict[str, str]:
    """A post of one lesion's fields; its comment is always among them, as in a browser."""
    return {
        f"lesion-{lesion.pk}-{name}": value for name, value in {"comment": "", **fields}.items()
    }


def opinion(
    lesion: Lesion, code: str = "nevus", management: str = "discharge", **fields: str
) -> dict[str, str]:
    return typed(lesion, diagnosis=str(diagnosis(code).pk), management=management, **fields)


def post(user: User, name: str, case: Case, data: dict[str, str], **options: Any) -> HttpResponse:
    return signed_in(user).post(reverse(name, args=[case.pk]), data, **options)


def desk(user: User, case: Case, **params: str) -> HttpResponse:
    return signed_in(user).get(reverse("case-review", args=[case.pk]), params)


def proved(user: User) -> Client:
    """A session in which the person has just proved who they are."""
    client = signed_in(user)
    client.post(reverse("signing"), {"password": PASSWORD})
    return client


def decided(case: Case, reader: User, code: str = "nevus") -> Reading:
    """Committed and revealed, not signed."""
    for lesion in Lesion.objects.filter(images__case=case).distinct():
        save_read(
            case=case, lesion=lesion, reader=reader,
            diagnosis=diagnosis(code), management="discharge", comment="Banal.",
        )  # fmt: skip
    commit_reading(case=case, reader=reader)
    return reveal_opinion(case=case, reader=reader)


# ---- The desk before the commit ----------------------------------------------------------------


def test_the_desk_has_the_facts_and_nothing_of_the_model(
    northside: Organisation, dana: User
) -> None:
    case = waiting_case(
        northside, clinical_question="Bleeds since May.", priority=1, malignancy=0.67
    )
    Lesion.objects.update(history="Itches at night.")
    image = case.images.get()
    image.quality = [{"code": "dark", "sentence": "The picture is dark."}]
    image.save()
    page = desk(dana, case).content.decode()
    for said in (
        "Halvorsen, Ingrid", "55 years", "skin type II", "Bleeds since May.", "Itches at night.",
        "The picture is dark.", "Urgent", "1 of 1", ">Commit and see the model<",
    ):  # fmt: skip
        assert said in page
    for withheld in (
        "data-saliency",
        "data-confirm",
        "suggestion",
        "resnet18",
        "67\u00a0%",
        "0.67",
    ):
        assert withheld not in page, withheld


def test_looking_at_a_case_takes_nothing(case: Case, dana: User) -> None:
    desk(dana, case)
    case.refresh_from_db()
    assert case.state == CaseState.SUBMITTED
    assert not Reading.objects.exists()


def test_who_does_not_read_blind_sees_the_model_from_the_start(
    case: Case, dana: User, open_reading: ReadingPolicy
) -> None:
    page = desk(dana, case).content.decode()
    assert "Confirm Melanoma" in page
    assert "data-saliency" in page
    assert "Sign and next" in page


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


@pytest.mark.parametrize("shape", ["commit", "sign", "decide"])
def test_twenty_images_of_five_lesions_take_as_many_queries_as_one(
    northside: Organisation, dana: User, shape: str
) -> None:
    if shape == "sign":
        ReadingPolicy.objects.create(organisation=northside, blind=False)
    counts = []
    for lesions, images in ((1, 1), (5, 4)):
        case = waiting_case(northside, lesions=lesions, images=images)
        if shape == "decide":
            decided(case, dana)
        client = signed_in(dana)
        with CaptureQueriesContext(connection) as queries:
            response = client.get(reverse("case-review", args=[case.pk]))
        assert response.context["desk"].shape == shape
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[0] <= 20


# ---- Whose desk --------------------------------------------------------------------------------


def test_the_script_takes_the_case_and_gives_it_back_untouched(case: Case, dana: User) -> None:
    answer = post(dana, "case-assign", case, {}, headers=SCRIPT).json()
    reading = Reading.objects.get()
    assert (answer["reading"], answer["state"]) == (str(reading.pk), "assigned")
    assert reading.holds_case
    post(dana, "case-release", case, {}, headers=SCRIPT)
    reading.refresh_from_db()
    assert not reading.holds_case
    case.refresh_from_db()
    assert case.state == CaseState.SUBMITTED


def test_what_was_written_on_stays_on_the_desk(case: Case, lesion: Lesion, dana: User) -> None:
    save_read(case=case, lesion=lesion, reader=dana, comment="Begun.")
    post(dana, "case-release", case, {}, headers=SCRIPT)
    assert Reading.objects.get().holds_case


def test_the_time_at_the_page_is_counted_and_nonsense_is_not(case: Case, dana: User) -> None:
    assign_case(case=case, reader=dana)
    Reading.objects.update(assigned_at="2026-01-01T00:00Z", lock_expires_at="2099-01-01T00:00Z")
    post(dana, "case-lock", case, {"active_seconds": "-5"}, headers=SCRIPT)
    post(dana, "case-lock", case, {"active_seconds": "1e9"}, headers=SCRIPT)
    post(dana, "case-lock", case, {"active_seconds": "1"}, headers=SCRIPT)
    assert Reading.objects.get().active_seconds == 1


def test_a_colleagues_case_says_who_reads_it_and_cannot_be_written_on(
    case: Case, dana: User, northside: Organisation
) -> None:
    erin = second_dermatologist(northside)
    assign_case(case=case, reader=erin)
    page = desk(dana, case).content.decode()
    assert "Erin Eriksen has been reading" in page
    assert "Read next" in page
    refused = post(dana, "case-assign", case, {}, headers=SCRIPT)
    assert refused.status_code == 409
    assert refused.json()["code"] == "case_taken"
    assert "Erin Eriksen has been reading" in refused.json()["detail"]


def test_a_draft_that_comes_while_a_colleague_reads_is_kept_and_said(
    case: Case, lesion: Lesion, dana: User, northside: Organisation
) -> None:
    assign_case(case=case, reader=second_dermatologist(northside))
    script = post(dana, "read-save", case, typed(lesion, comment="Mine."), headers=SCRIPT)
    assert (script.status_code, script.json()["code"]) == (409, "case_taken")
    assert Read.objects.get(reader=dana).comment == "Mine."
    page = post(dana, "read-save", case, typed(lesion, comment="Mine too."))
    assert page.status_code == 409
    assert "Erin Eriksen has been reading" in page.content.decode()


def test_a_reader_never_sees_a_colleagues_draft(
    case: Case, lesion: Lesion, dana: User, northside: Organisation
) -> None:
    erin = second_dermatologist(northside)
    save_read(case=case, lesion=lesion, reader=erin, comment="Between us: odd.")
    assert "Between us" not in desk(dana, case).content.decode()


@pytest.mark.parametrize("name", ["case-assign", "read-save", "case-commit", "case-sign"])
def test_a_page_that_outlived_its_session_writes_nothing_in_the_next_persons_name(
    case: Case, lesion: Lesion, dana: User, northside: Organisation, name: str
) -> None:
    erin = second_dermatologist(northside)
    data = opinion(lesion, comment="Dana's words.") | {"reader": str(dana.pk)}
    refused = post(erin, name, case, data, headers=SCRIPT)
    assert (refused.status_code, refused.json()["code"]) == (409, "other_person")
    assert "Erin Eriksen has signed in since" in refused.json()["detail"]
    assert not Reading.objects.exists()


# ---- Drafts ------------------------------------------------------------------------------------


def test_a_script_keeps_a_draft_and_gets_the_time_and_the_version(
    case: Case, lesion: Lesion, dana: User
) -> None:
    response = post(
        dana, "read-save", case, typed(lesion, comment=" As typed. ", version="0"), headers=SCRIPT
    )
    assert response.status_code == 200
    answer = response.json()
    assert answer["saved_at"]
    assert answer["versions"] == {str(lesion.pk): 1}
    assert Read.objects.get().comment == " As typed. "
    again = post(
        dana, "read-save", case, typed(lesion, comment="More.", version="1"), headers=SCRIPT
    )
    assert again.json()["versions"] == {str(lesion.pk): 2}


def test_criteria_and_confidence_are_kept_with_the_draft(
    case: Case, lesion: Lesion, dana: User
) -> None:
    data: dict[str, Any] = typed(lesion, confidence="3")
    data |= {
        f"lesion-{lesion.pk}-criteria-shown": "1",
        f"lesion-{lesion.pk}-criteria-seven_point": ["atypical_network", "irregular_streaks"],
    }
    post(dana, "read-save", case, data, headers=SCRIPT)
    read = Read.objects.get()
    assert read.confidence == 3
    assert read.criteria["seven_point"]["score"] == 3


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
    assert response.json()["errors"] == {
        f"id_lesion-{lesion.pk}-monitor_months": "Monitoring is due in 1 to 36 months."
    }
    assert response.json()["versions"] == {str(lesion.pk): 1}
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
    case: Case, lesion: Lesion, dana: User, open_reading: ReadingPolicy
) -> None:
    data = {**typed(lesion, management="excise"), "confirm": f"{lesion.pk}:mel"}
    response = post(dana, "read-save", case, data)
    assert response.headers["Location"] == reverse("case-review", args=[case.pk])
    read = Read.objects.get()
    assert (read.diagnosis, read.management) == (diagnosis("melanoma"), "excise")


def test_a_blind_reader_has_nothing_to_confirm(case: Case, lesion: Lesion, dana: User) -> None:
    data = {**typed(lesion, management="excise"), "confirm": f"{lesion.pk}:mel"}
    post(dana, "read-save", case, data)
    assert Read.objects.get().diagnosis is None


# ---- Two windows -------------------------------------------------------------------------------


@pytest.fixture
def other_window(case: Case, lesion: Lesion, dana: User) -> Read:
    """Version 2 is stored; this window still shows version 1."""
    save_read(case=case, lesion=lesion, reader=dana, comment="First.")
    return save_read(case=case, lesion=lesion, reader=dana, comment="From the other window.")


def test_a_script_gets_both_texts_and_nothing_is_overwritten(
    case: Case, lesion: Lesion, dana: User, other_window: Read
) -> None:
    data = opinion(lesion, comment="From this one.", version="1")
    response = post(dana, "read-save", case, data, headers=SCRIPT)
    assert response.status_code == 409
    assert response.headers["Content-Type"] == "application/problem+json"
    problem = response.json()
    assert problem["code"] == "draft_conflict"
    (apart,) = problem["conflicts"]
    assert (apart["lesion"], apart["version"]) == (str(lesion.pk), 2)
    assert ["Comment", "From this one."] in apart["mine"]
    assert ["Diagnosis", "Melanocytic nevus"] in apart["mine"]
    assert ["Comment", "From the other window."] in apart["theirs"]
    assert apart["fields"][f"lesion-{lesion.pk}-comment"] == ["From the other window."]
    assert Read.objects.get().comment == "From the other window."


@pytest.mark.parametrize(
    ("keep", "left"), [("mine", "From this one."), ("theirs", "From the other window.")]
)
def test_without_a_script_a_page_asks_which_to_keep(
    case: Case, lesion: Lesion, dana: User, other_window: Read, keep: str, left: str
) -> None:
    data = opinion(lesion, comment="From this one.", version="1")
    response = post(dana, "read-save", case, data)
    assert response.status_code == 409
    page = response.content.decode()
    assert "From this one." in page
    assert "From the other window." in page
    (apart,) = response.context["conflicts"]
    chosen = dict(apart.sent) | {f"lesion-{lesion.pk}-keep": keep}
    done = post(dana, "read-save", case, chosen)
    assert done.headers["Location"] == reverse("case-review", args=[case.pk])
    assert Read.objects.get().comment == left


def test_a_commit_on_top_of_another_windows_text_asks_first(
    case: Case, lesion: Lesion, dana: User, other_window: Read
) -> None:
    data = opinion(lesion, comment="From this one.", version="1")
    response = post(dana, "case-commit", case, data, headers=SCRIPT)
    assert (response.status_code, response.json()["code"]) == (409, "draft_conflict")
    assert Reading.objects.get().state == ReadingState.DRAFT


def test_one_lesion_apart_does_not_keep_the_other_from_being_saved(
    northside: Organisation, dana: User
) -> None:
    case = waiting_case(northside, lesions=2, answer="none")
    first, second = case.patient.lesions.order_by("number")
    save_read(case=case, lesion=first, reader=dana, comment="Elsewhere.")
    data = typed(first, comment="Here.", version="0") | typed(second, comment="New.", version="0")
    problem = post(dana, "read-save", case, data, headers=SCRIPT).json()
    assert [one["lesion"] for one in problem["conflicts"]] == [str(first.pk)]
    assert problem["versions"] == {str(second.pk): 1}


# ---- The commit --------------------------------------------------------------------------------


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


# ---- The model's late answer -------------------------------------------------------------------


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


# ---- A change of mind --------------------------------------------------------------------------


def test_a_change_of_mind_is_kept_beside_the_first_opinion(
    case: Case, lesion: Lesion, dana: User
) -> None:
    decided(case, dana)
    data = opinion(lesion, "melanoma", "excise", reason="The veil.", version="0")
    response = post(dana, "read-reconsider", case, data, headers=SCRIPT)
    assert response.json()["versions"] == {str(lesion.pk): 1}
    first, changed = Read.objects.order_by("created_at")
    assert (first.stage, first.diagnosis) == (ReadStage.FIRST, diagnosis("nevus"))
    assert (changed.stage, changed.reason) == (ReadStage.RECONSIDERED, "The veil.")
    page = desk(dana, case).content.decode()
    assert "The veil." in page


def test_a_change_of_mind_in_two_windows_shows_both(case: Case, lesion: Lesion, dana: User) -> None:
    decided(case, dana)
    there = opinion(lesion, "melanoma", "excise", reason="The veil.", version="0")
    post(dana, "read-reconsider", case, there, headers=SCRIPT)
    here = opinion(lesion, "nevus", "monitor", monitor_months="3", reason="Safer.", version="0")
    problem = post(dana, "read-reconsider", case, here, headers=SCRIPT).json()
    assert problem["code"] == "draft_conflict"
    (apart,) = problem["conflicts"]
    assert ["Recommendation", "Monitor in 3 months"] in apart["mine"]
    assert ["Reason", "The veil."] in apart["theirs"]
    page = proved(dana).post(reverse("case-sign", args=[case.pk]), here)  # no signature over it
    assert page.status_code == 409
    assert reverse("read-reconsider", args=[case.pk]) in page.content.decode()
    case.refresh_from_db()
    assert case.state == CaseState.FIRST_READ


def test_the_first_opinion_is_kept_after_all(case: Case, lesion: Lesion, dana: User) -> None:
    decided(case, dana)
    post(dana, "read-reconsider", case, opinion(lesion, "melanoma"), headers=SCRIPT)
    url = reverse("read-keep-first", args=[case.pk, lesion.pk])
    assert signed_in(dana).post(url).status_code == 302
    assert Read.objects.get().stage == ReadStage.FIRST


def test_a_change_without_a_reason_is_not_signed(case: Case, lesion: Lesion, dana: User) -> None:
    decided(case, dana)
    url = reverse("case-sign", args=[case.pk])
    data = opinion(lesion, "melanoma", "excise", version="0")
    response = proved(dana).post(url, data)
    assert response.status_code == 422
    assert "Say why you changed your opinion on lesion 1." in response.content.decode()
    case.refresh_from_db()
    assert case.state == CaseState.FIRST_READ


def test_fields_that_were_only_looked_at_are_no_change(
    case: Case, lesion: Lesion, dana: User
) -> None:
    decided(case, dana)
    data = opinion(lesion, "nevus", "discharge", comment="Banal.", version="0")
    proved(dana).post(reverse("case-sign", args=[case.pk]), data)
    assert Read.objects.get().state == ReadState.SIGNED


# ---- The signature -----------------------------------------------------------------------------


def test_nobody_signs_without_proving_who_they_are(case: Case, lesion: Lesion, dana: User) -> None:
    decided(case, dana)
    script = post(dana, "case-sign", case, {}, headers=SCRIPT)
    assert (script.status_code, script.json()["code"]) == (403, "signing_proof_required")
    page = post(dana, "case-sign", case, opinion(lesion, "melanoma", reason="Kept."))
    assert page.status_code == 302
    assert page.headers["Location"].startswith(reverse("signing"))
    assert Read.objects.get(stage=ReadStage.RECONSIDERED).reason == "Kept."
    case.refresh_from_db()
    assert case.state == CaseState.FIRST_READ


def test_sign_and_next_puts_the_next_case_on_the_desk(
    northside: Organisation, case: Case, dana: User
) -> None:
    following = waiting_case(northside)
    decided(case, dana)
    url = reverse("case-sign", args=[case.pk])
    response = proved(dana).post(url, {"then": "next"}, headers=SCRIPT)
    assert response.json() == {"url": reverse("case-review", args=[following.pk])}
    case.refresh_from_db()
    assert case.state == CaseState.FINAL
    signed = Reading.objects.get(case=case)
    assert (signed.state, signed.proof_method) == (ReadingState.SIGNED, "password")
    assert Reading.objects.get(case=following).holds_case


def test_sign_and_close_leads_to_the_worklist_and_says_what_was_signed(
    case: Case, dana: User
) -> None:
    decided(case, dana)
    url = reverse("case-sign", args=[case.pk])
    page = proved(dana).post(url, {"then": "close"}, follow=True).content.decode()
    assert f"{case.reference} is signed and closed: 1 lesion." in page
    assert "Nothing waits" in page


def test_a_click_that_came_twice_signs_once(case: Case, dana: User) -> None:
    decided(case, dana)
    client, url = proved(dana), reverse("case-sign", args=[case.pk])
    answers = [client.post(url, {"then": "next"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert Read.objects.get().state == ReadState.SIGNED


def test_a_blind_reading_is_not_signed_before_its_commit(
    case: Case, lesion: Lesion, dana: User
) -> None:
    url = reverse("case-sign", args=[case.pk])
    refused = proved(dana).post(url, opinion(lesion), headers=SCRIPT)
    assert (refused.status_code, refused.json()["code"]) == (409, "not_committed")


def test_in_one_step_where_nobody_reads_blind(
    case: Case, lesion: Lesion, dana: User, open_reading: ReadingPolicy
) -> None:
    url = reverse("case-sign", args=[case.pk])
    data = {**opinion(lesion, version="0"), "then": "close"}
    client = proved(dana)
    summary = client.post(url, data)  # without a script a page says what will be signed
    assert "A signed read cannot be changed." in summary.content.decode()
    case.refresh_from_db()
    assert case.state == CaseState.FIRST_READ
    signed = client.post(url, {"seen": "1", "then": "close"})
    assert signed.headers["Location"] == reverse("worklist")
    case.refresh_from_db()
    assert case.state == CaseState.FINAL
    assert Reading.objects.get().is_blind is False


def test_in_one_step_what_is_missing_is_said_before_anybody_proves(
    case: Case, lesion: Lesion, dana: User, open_reading: ReadingPolicy
) -> None:
    response = post(dana, "case-sign", case, typed(lesion, comment="Hm."), headers=SCRIPT)
    assert response.status_code == 422
    assert Read.objects.get().comment == "Hm."


# ---- Two readers -------------------------------------------------------------------------------


@pytest.fixture
def signed_by_erin(case: Case, northside: Organisation) -> Case:
    sign_as(second_dermatologist(northside), case, comment="Banal.")
    return case


@pytest.mark.parametrize("name", ["case-commit", "read-save"])
def test_the_slower_reader_sees_both_opinions(
    signed_by_erin: Case, lesion: Lesion, dana: User, name: str
) -> None:
    response = post(dana, name, signed_by_erin, opinion(lesion, "melanoma", "excise"))
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
    response = post(
        dana, "read-save", signed_by_erin, typed(lesion, comment="Late."), headers=SCRIPT
    )
    assert response.status_code == 409
    problem = json.loads(response.content)
    assert problem["code"] == "too_late"
    assert "Erin Eriksen has signed" in problem["detail"]
    assert Read.objects.get(reader=dana).comment == "Late."


def test_a_second_reader_is_told_nothing_of_the_first(
    northside: Organisation, case: Case, dana: User
) -> None:
    ReadingPolicy.objects.create(organisation=northside, second_read_share=100)
    sign_as(second_dermatologist(northside), case, "melanoma", "excise", comment="Erin's words.")
    page = desk(dana, case).content.decode()
    assert ">Commit and see the model<" in page
    for withheld in ("Erin", "second read", "Second read", "second opinion"):
        assert withheld not in page, withheld


def test_an_adjudicator_sees_both_reads_after_the_commit_without_names(
    northside: Organisation, case: Case, alice: User, dana: User
) -> None:
    ReadingPolicy.objects.create(organisation=northside, second_read_share=100)
    erin = second_dermatologist(northside)
    grant_role(user=alice, organisation=northside, role=Role.DERMATOLOGIST)
    sign_as(erin, case, "melanoma", "excise", comment="A veil.")
    sign_as(alice, case, "nevus", "discharge", comment="Quite regular.")
    case.refresh_from_db()
    assert case.state == CaseState.DISCORDANT
    before = desk(dana, case).content.decode()
    assert "A veil." not in before
    decided(case, dana)
    after = desk(dana, case).content.decode()
    for said in ("Reader A", "A veil.", "Reader B", "Quite regular."):
        assert said in after
    assert "Erin" not in after
    assert "Alice" not in after.split("data-fields")[1]


def test_who_has_signed_is_led_to_the_case(northside: Organisation, case: Case, dana: User) -> None:
    ReadingPolicy.objects.create(organisation=northside, second_read_share=100)
    sign_as(dana, case)
    response = desk(dana, case)
    assert response.headers["Location"] == reverse("case-detail", args=[case.pk])


# ---- What opens first ------------------------------------------------------------------------


def test_the_dermoscopic_picture_lies_on_the_stage(case: Case, dana: User) -> None:
    """Whatever was photographed first: the close-up is beside it on the film strip."""
    first = case.images.get()
    LesionImage.objects.filter(pk=first.pk).update(kind="close_up")
    dermoscopic = add_picture(case, first.lesion)
    page = signed_in(dana).get(reverse("case-review", args=[case.pk]))
    assert page.context["desk"].image == dermoscopic
    asked = signed_in(dana).get(reverse("case-review", args=[case.pk]), {"image": str(first.pk)})
    assert asked.context["desk"].image == first


def test_a_reveal_of_what_is_no_lesion_is_the_desk_again(case: Case, dana: User) -> None:
    reading = commit_reading(
        case=case, reader=dana, opinions={case.images.get().lesion_id: {
            "diagnosis": diagnosis("nevus"), "management": "discharge"}},
    )  # fmt: skip
    answer = signed_in(dana).post(
        reverse("case-reveal", args=[reading.case_id]), {"lesion": "1"},
        headers={"hx-request": "true"},
    )  # fmt: skip
    assert answer.status_code == 302
