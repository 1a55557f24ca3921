"""The whole way of a blind reading, with what the browser gets and what is stored."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import Response, expect

from accounts.models import Organisation, Role, User
from accounts.services import grant_role
from clinic.models import (
    CaseState,
    Read,
    Reading,
    ReadingPolicy,
    ReadingState,
    ReadStage,
    ReadState,
)
from tests.browser.dermatologist.actions import (
    SAVED,
    SignedIn,
    commit,
    prove,
    ready,
    review,
    scale,
    state,
)
from tests.browser.waiting import until
from tests.clinic.reading_cases import answer_to, second_dermatologist, sign_as, waiting_case
from tests.factories import PASSWORD, diagnosis

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_assigned_written_committed_shown_changed_and_signed(
    signed_in: SignedIn, dana: User, northside: Organisation
) -> None:
    case = waiting_case(northside, malignancy=0.67)
    page = signed_in(dana)
    heard: list[Response] = []
    page.on("response", lambda response: heard.append(response))  # noqa: PLW0108
    review(page, case)
    reading = Reading.objects.get()
    assert (reading.state, reading.holds_case, reading.is_blind) == ("assigned", True, True)

    page.keyboard.press("1")
    page.keyboard.press("g")
    page.get_by_role("radio", name="Fairly sure").check()
    page.keyboard.press("t")
    page.keyboard.type("Regular network.")
    expect(state(page)).to_contain_text(SAVED)
    assert Read.objects.get().comment == "Regular network."
    leaks = [
        (response.url, withheld)
        for response in heard
        if re.search("html|json", response.headers.get("content-type", ""))
        for withheld in ("resnet18", "saliency.png", "0.67", "67\u00a0%")
        if withheld in response.text()
    ]
    assert heard
    assert leaks == []

    page.keyboard.press("Escape")
    page.keyboard.press("+")
    until(page, lambda: scale(page) > 1.2)
    before = scale(page)
    commit(page)
    assert scale(page) == before  # the picture stays as it was looked at
    expect(page.locator("#room-says")).to_have_text(
        "Your opinion is committed. The model's answer is shown."
    )
    expect(page.get_by_text("resnet18", exact=False).first).to_be_visible()
    expect(page.get_by_role("region", name="Your opinion on lesion 1")).to_contain_text(
        "Regular network."
    )
    reading.refresh_from_db()
    lesion = str(case.images.get().lesion_id)
    assert reading.state == ReadingState.REVEALED
    assert reading.model_opinion[lesion]["likeliest"] == "mel"
    page.keyboard.press("s")
    expect(page.locator("#viewer-map")).to_be_visible()

    page.keyboard.press("x")
    page.keyboard.type("A blue-whitish veil that I had overlooked.")
    page.keyboard.press("Escape")
    page.keyboard.press("3")
    page.keyboard.press("e")
    expect(page.get_by_role("button", name="Change and sign")).to_be_visible()
    expect(state(page)).to_contain_text(SAVED)
    page.keyboard.press("Control+Shift+Enter")
    page.get_by_label("Your password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{reverse('worklist')}")

    first, changed = Read.objects.order_by("created_at")
    assert [read.state for read in (first, changed)] == [ReadState.SIGNED] * 2
    assert (first.diagnosis, first.stands) == (diagnosis("nevus"), False)
    assert (changed.diagnosis, changed.stands) == (diagnosis("melanoma"), True)
    assert (changed.stage, changed.management) == (ReadStage.RECONSIDERED, "excise")
    assert changed.reason == "A blue-whitish veil that I had overlooked."
    reading.refresh_from_db()
    assert (reading.state, reading.proof_method) == (ReadingState.SIGNED, "password")
    assert len(reading.digest) == 64
    case.refresh_from_db()
    assert case.state == CaseState.FINAL


def test_a_change_is_taken_back_and_the_first_opinion_stands(
    signed_in: SignedIn, dana: User, northside: Organisation
) -> None:
    page = review(signed_in(dana), waiting_case(northside))
    page.keyboard.press("1")
    page.keyboard.press("g")
    commit(page)
    page.keyboard.press("x")
    page.keyboard.type("Perhaps.")
    page.keyboard.press("Escape")
    page.keyboard.press("3")
    expect(state(page)).to_contain_text(SAVED)
    assert Read.objects.filter(stage=ReadStage.RECONSIDERED).exists()
    page.get_by_role("button", name="Keep my first opinion").click()
    expect(page.locator("#room-says")).to_have_text("Your first opinion stands.")
    expect(page.locator("#sign-lines")).to_have_text("Melanocytic nevus, discharge")
    expect(page.get_by_role("button", name="Keep and sign")).to_be_visible()
    assert not Read.objects.filter(stage=ReadStage.RECONSIDERED).exists()


def test_a_change_without_a_reason_leads_to_the_reason(
    signed_in: SignedIn, dana: User, northside: Organisation
) -> None:
    page = review(signed_in(dana), waiting_case(northside))
    page.keyboard.press("1")
    page.keyboard.press("g")
    commit(page)
    prove(page)
    reason = page.get_by_label("Why do you change it?")
    page.keyboard.press("x")
    expect(reason).to_be_focused()
    page.keyboard.press("Escape")
    expect(reason).not_to_be_focused()
    page.keyboard.press("3")
    expect(page.locator("#sign-lines")).to_contain_text("Melanoma", ignore_case=True)
    page.keyboard.press("Control+Enter")
    expect(reason).to_be_focused()
    expect(page.get_by_text("Say why you changed your opinion on lesion 1.")).to_be_visible()
    assert Reading.objects.get().state != ReadingState.SIGNED


def test_an_answer_that_comes_after_the_commit_is_announced_and_recorded_when_shown(
    signed_in: SignedIn, dana: User, northside: Organisation
) -> None:
    case = waiting_case(northside, answer="queued")
    page = review(signed_in(dana), case)
    page.keyboard.press("1")
    page.keyboard.press("g")
    commit(page)
    expect(page.get_by_text("The model has not answered yet.")).to_be_visible()
    image = case.images.get()
    image.predictions.all().delete()
    answer_to(image)
    expect(page.get_by_role("region", name="The model on lesion 1")).to_contain_text(
        "The model has answered."
    )
    expect(page.locator("#room-says")).to_have_text("The model has answered.")
    assert Reading.objects.get().model_opinion == {}
    page.get_by_role("button", name="Show its answer").click()
    expect(page.get_by_text("resnet18", exact=False).first).to_be_visible()
    assert str(image.lesion_id) in Reading.objects.get().model_opinion


def test_an_untouched_case_goes_back_and_one_with_a_draft_stays_on_the_desk(
    signed_in: SignedIn, dana: User, northside: Organisation
) -> None:
    page = review(signed_in(dana), waiting_case(northside))
    page.keyboard.press("u")
    page.wait_for_url(f"**{reverse('worklist')}")
    assert not Reading.objects.get().holds_case
    expect(page.get_by_text("On your desk")).to_have_count(0)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    ready(page)
    page.keyboard.press("e")
    page.keyboard.press("u")  # before the draft had time to save itself
    page.wait_for_url(f"**{reverse('worklist')}")
    expect(page.get_by_text("On your desk")).to_be_visible()
    assert Read.objects.get().management == "excise"


def test_a_case_that_is_skipped_at_once_keeps_its_draft(
    signed_in: SignedIn, dana: User, northside: Organisation
) -> None:
    case, other = waiting_case(northside, priority=1), waiting_case(northside)
    page = review(signed_in(dana), case)
    page.keyboard.press("e")
    page.keyboard.press("n")
    page.wait_for_url(f"**{reverse('case-review', args=[other.pk])}")
    assert Read.objects.get(case=case).management == "excise"
    assert not Reading.objects.get(case=case).holds_case


def test_three_readers_second_read_disagreement_adjudication(
    signed_in: SignedIn, dana: User, alice: User, northside: Organisation
) -> None:
    """Dana is the third: the first two disagree, and she decides without knowing who they are."""
    ReadingPolicy.objects.create(organisation=northside, second_read_share=100)
    grant_role(user=alice, organisation=northside, role=Role.DERMATOLOGIST)
    case = waiting_case(northside)
    sign_as(second_dermatologist(northside), case, "melanoma", "excise", comment="A veil.")
    sign_as(alice, case, "nevus", "discharge", comment="Quite regular.")
    page = review(signed_in(dana), case)
    expect(page.get_by_text("A veil.")).to_have_count(0)
    page.keyboard.press("3")
    page.keyboard.press("e")
    commit(page)
    reads = page.get_by_role("region", name="Two reads of lesion 1")
    expect(reads).to_contain_text("A veil.")
    expect(reads).to_contain_text("Quite regular.")
    expect(reads.get_by_role("heading")).to_have_text(["Reader A", "Reader B"])
    expect(page.get_by_text("Erin")).to_have_count(0)
    prove(page)
    page.keyboard.press("Control+Enter")
    page.wait_for_url(f"**{reverse('worklist')}")
    case.refresh_from_db()
    assert case.state == CaseState.FINAL
    assert case.answer is not None
    assert case.answer.reader == dana
    assert Read.objects.get(reader=dana).diagnosis == diagnosis("melanoma")
