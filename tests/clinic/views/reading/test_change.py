"""A change of mind after the model was seen."""

from django.urls import reverse

from accounts.models import User
from clinic.models import (
    Case,
    CaseState,
    Lesion,
    Read,
    ReadStage,
    ReadState,
)
from tests.cast import signed_in
from tests.clinic.views.reading.desk import SCRIPT, decided, desk, opinion, post, proved
from tests.factories import diagnosis


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
