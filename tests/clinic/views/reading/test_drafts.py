"""Drafts, and two windows on one of them."""

from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Organisation, User
from clinic.models import (
    Case,
    Lesion,
    Read,
    Reading,
    ReadingPolicy,
    ReadingState,
)
from clinic.services import save_read
from tests.clinic.reading_cases import (
    waiting_case,
)
from tests.clinic.views.reading.desk import SCRIPT, opinion, post, typed
from tests.factories import diagnosis


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
