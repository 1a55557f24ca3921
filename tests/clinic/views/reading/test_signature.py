"""The signature."""

from django.urls import reverse

from accounts.models import Organisation, User
from clinic.models import (
    Case,
    CaseState,
    Lesion,
    Read,
    Reading,
    ReadingPolicy,
    ReadingState,
    ReadStage,
    ReadState,
)
from tests.clinic.reading_cases import (
    waiting_case,
)
from tests.clinic.views.reading.desk import SCRIPT, decided, opinion, post, proved, typed


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
