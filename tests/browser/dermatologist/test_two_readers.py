"""Two dermatologists on one case."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from accounts.models import Organisation, User
from clinic.models import Read, Reading, ReadState
from clinic.services import assign_case
from tests.browser.dermatologist.actions import (
    Accessible,
    SignedIn,
    ready,
    review,
)
from tests.browser.waiting import arrived
from tests.browser.watch import PageWatch
from tests.clinic.reading_cases import second_dermatologist, sign_as, waiting_case

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_case_on_a_colleagues_desk_says_whose_and_leads_on(
    signed_in: SignedIn, dana: User, northside: Organisation, assert_accessible: Accessible
) -> None:
    case, following = waiting_case(northside, priority=2), waiting_case(northside)
    assign_case(case=case, reader=second_dermatologist(northside))
    page = review(signed_in(dana), case)
    expect(
        page.get_by_role("alert").filter(has_text="Erin Eriksen has been reading")
    ).to_be_visible()
    expect(page.get_by_label("Comment")).to_be_disabled()
    expect(page.get_by_role("button", name="Commit")).to_be_hidden()
    page.keyboard.press("3")
    page.keyboard.press("Control+Enter")
    assert_accessible(page)
    page.get_by_role("button", name="Read next").click()
    page.wait_for_url(f"**{reverse('case-review', args=[following.pk])}")
    assert not Read.objects.filter(case=case).exists()


def test_a_case_that_was_taken_meanwhile_says_so_and_keeps_the_draft(
    signed_in: SignedIn, dana: User, northside: Organisation, watch: PageWatch
) -> None:
    watch.allow("status of 409")
    case = waiting_case(northside)
    page = review(signed_in(dana), case)
    Reading.objects.update(lock_expires_at="2026-01-01T00:00Z")  # the laptop was closed for long
    assign_case(case=case, reader=second_dermatologist(northside))
    page.get_by_label("Comment").fill("I would excise it.")
    notice = page.get_by_role("alert").filter(has_text="Erin Eriksen has been reading")
    expect(notice).to_be_visible()
    expect(notice).to_be_focused()
    expect(page.get_by_role("button", name="Read next")).to_be_visible()
    expect(page.get_by_label("Comment")).to_be_disabled()
    expect(page.locator("#save-state")).to_contain_text("Kept as a draft")
    assert Read.objects.get(reader=dana).comment == "I would excise it."


def test_the_slower_reader_keeps_her_draft_and_sees_both(
    signed_in: SignedIn,
    dana: User,
    northside: Organisation,
    watch: PageWatch,
    assert_accessible: Accessible,
) -> None:
    watch.allow("status of 409")
    case = waiting_case(northside)
    page = review(signed_in(dana), case)
    Reading.objects.update(lock_expires_at="2026-01-01T00:00Z")
    sign_as(second_dermatologist(northside), case)
    for key in ("3", "e", "Control+Enter"):
        page.keyboard.press(key)
    expect(page.get_by_role("alert").filter(has_text="Erin Eriksen has signed")).to_be_visible()
    page.get_by_role("link", name="See both opinions").click()
    arrived(page, page.get_by_role("heading", name="is signed already"))
    both = page.get_by_role("region", name="Lesion 1")
    expect(both).to_contain_text("Melanocytic nevus")
    expect(both).to_contain_text("Melanoma")
    assert_accessible(page)
    assert Read.objects.get(case=case, reader=dana).state == ReadState.DRAFT


def test_two_readers_who_take_the_next_case_get_different_ones(
    signed_in: SignedIn, dana: User, northside: Organisation
) -> None:
    for _ in range(2):
        waiting_case(northside)
    erin = second_dermatologist(northside)
    addresses = []
    for reader in (dana, erin):
        page = signed_in(reader)
        page.goto(reverse("worklist"))
        page.keyboard.press("n")
        ready(page)
        addresses.append(page.url)
    assert len(set(addresses)) == 2
