"""The opinion: found, completed, or told what is missing; in one step where nobody reads blind."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from accounts.models import Organisation, User
from clinic.models import CaseState, Read, Reading, ReadingState, ReadState
from tests.browser.dermatologist.actions import (
    SAVED,
    SignedIn,
    combobox,
    prove,
    read_in_the_open,
    review,
    state,
)
from tests.clinic.reading_cases import waiting_case
from tests.factories import diagnosis

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_diagnosis_is_found_by_its_code_and_replaces_the_favourite(
    signed_in: SignedIn, dana: User, northside: Organisation
) -> None:
    case = waiting_case(northside)
    page = review(signed_in(dana), case)
    favourite = page.get_by_role("button", name="Melanoma", exact=True)
    favourite.click()
    expect(favourite).to_have_attribute("aria-pressed", "true")
    field = combobox(page)
    expect(field).to_have_value("Melanoma")
    field.click()
    field.fill("D22")
    page.get_by_role("option", name=re.compile("Spitz nevus")).click()
    expect(field).to_have_value("Spitz nevus")
    expect(favourite).to_have_attribute("aria-pressed", "false")
    expect(state(page)).to_contain_text(SAVED)
    assert Read.objects.get(case=case).diagnosis == diagnosis("spitz-nevus")


def test_what_is_no_diagnosis_goes_back_to_what_was_chosen(
    signed_in: SignedIn, dana: User, northside: Organisation
) -> None:
    page = review(signed_in(dana), waiting_case(northside))
    page.keyboard.press("3")
    field = combobox(page)
    field.fill("sunburnt")
    expect(page.get_by_text("No diagnosis has that name.")).to_be_visible()
    page.get_by_label("Comment").click()
    expect(field).to_have_value("Melanoma")


def test_committing_leads_to_what_is_missing(
    signed_in: SignedIn, dana: User, northside: Organisation
) -> None:
    case = waiting_case(northside, lesions=2)
    page = review(signed_in(dana), case)
    page.get_by_role("button", name="Commit").click()
    expect(page.get_by_text("Choose a diagnosis for lesion 1.")).to_be_visible()
    expect(combobox(page)).to_be_focused()
    page.keyboard.type("mela")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Choose what should happen to lesion 1.")).to_be_visible()
    page.keyboard.press("m")
    page.keyboard.press("Control+Enter")
    expect(
        page.get_by_text("Say in how many months lesion 1 should be seen again.")
    ).to_be_visible()
    page.get_by_role("button", name="3", exact=True).first.click()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Choose a diagnosis for lesion 2.")).to_be_visible()
    assert Reading.objects.get().state in {ReadingState.ASSIGNED, ReadingState.DRAFT}


def test_where_nobody_reads_blind_three_keys_sign_a_case(
    signed_in: SignedIn, dana: User, northside: Organisation
) -> None:
    read_in_the_open(northside)
    case, following = waiting_case(northside, priority=1), waiting_case(northside)
    page = review(signed_in(dana), case)
    prove(page)
    for key in ("c", "e", "Control+Enter"):
        page.keyboard.press(key)
    page.wait_for_url(f"**{reverse('case-review', args=[following.pk])}")
    case.refresh_from_db()
    assert case.state == CaseState.FINAL
    read = Read.objects.get(case=case)
    assert (read.state, read.diagnosis) == (ReadState.SIGNED, diagnosis("melanoma"))
    assert Reading.objects.get(case=case).is_blind is False


def test_a_signature_that_is_called_off_signs_nothing(
    signed_in: SignedIn, dana: User, northside: Organisation
) -> None:
    read_in_the_open(northside)
    case = waiting_case(northside)
    page = review(signed_in(dana), case)
    for key in ("c", "e", "Control+Enter"):
        page.keyboard.press(key)
    dialog = page.get_by_role("dialog", name="Is it you who signs?")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("button", name="Sign and next")).to_be_enabled()
    case.refresh_from_db()
    assert case.state == CaseState.FIRST_READ
