"""The opinion: found, kept, signed, or told what is missing."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from accounts.models import Organisation, User
from clinic.models import CaseState, Read
from tests.browser.dermatologist.actions import (
    SignedIn,
    combobox,
    review,
)
from tests.browser.watch import PageWatch
from tests.clinic.reading_cases import waiting_case
from tests.factories import diagnosis

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_diagnosis_is_found_by_its_code_and_replaces_the_models(
    signed_in: SignedIn, dana: User, northside: Organisation
) -> None:
    case = waiting_case(northside)
    page = review(signed_in(dana), case)
    page.get_by_role("button", name="Confirm Melanoma").click()
    field = combobox(page)
    expect(field).to_have_value("Melanoma")
    field.click()
    field.fill("D22")
    page.get_by_role("option", name=re.compile("Spitz nevus")).click()
    expect(field).to_have_value("Spitz nevus")
    expect(page.locator("#save-state")).to_contain_text(re.compile(r"Saved \d\d:\d\d:\d\d"))
    assert Read.objects.get(case=case).diagnosis == diagnosis("spitz-nevus")


def test_what_is_no_diagnosis_goes_back_to_what_was_chosen(
    signed_in: SignedIn, dana: User, northside: Organisation
) -> None:
    page = review(signed_in(dana), waiting_case(northside))
    page.keyboard.press("c")
    field = combobox(page)
    field.fill("sunburnt")
    expect(page.get_by_text("No diagnosis has that name.")).to_be_visible()
    page.get_by_label("Comment").click()
    expect(field).to_have_value("Melanoma")


def test_a_draft_saves_itself_and_is_there_again(
    signed_in: SignedIn, dana: User, northside: Organisation
) -> None:
    case = waiting_case(northside)
    page = review(signed_in(dana), case)
    page.get_by_label("Comment").fill("Blue-white veil at 3 o'clock.")
    page.get_by_role("radio", name="Biopsy").check()
    expect(page.locator("#save-state")).to_contain_text("Saved")
    review(page, case)
    expect(page.get_by_label("Comment")).to_have_value("Blue-white veil at 3 o'clock.")
    expect(page.get_by_role("radio", name="Biopsy")).to_be_checked()


def test_a_case_that_is_skipped_at_once_keeps_its_draft(
    signed_in: SignedIn, dana: User, northside: Organisation
) -> None:
    case, other = waiting_case(northside, priority=1), waiting_case(northside)
    page = review(signed_in(dana), case)
    page.keyboard.press("e")
    page.keyboard.press("n")  # before the draft had time to save itself
    page.wait_for_url(f"**{reverse('case-review', args=[other.pk])}")
    assert Read.objects.get(case=case).management == "excise"


def test_signing_leads_to_what_is_missing(
    signed_in: SignedIn, dana: User, northside: Organisation
) -> None:
    case = waiting_case(northside, lesions=2)
    page = review(signed_in(dana), case)
    sign = page.get_by_role("button", name="Sign and next")
    sign.click()
    expect(page.get_by_text("Choose a diagnosis for lesion 1 before you sign.")).to_be_visible()
    expect(combobox(page)).to_be_focused()
    page.keyboard.type("mela")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+Enter")
    expect(
        page.get_by_text("Choose what should happen to lesion 1 before you sign.")
    ).to_be_visible()
    page.keyboard.press("m")
    page.keyboard.press("Control+Enter")
    expect(
        page.get_by_text("Say in how many months lesion 1 should be seen again.")
    ).to_be_visible()
    page.get_by_role("button", name="3", exact=True).first.click()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Choose a diagnosis for lesion 2 before you sign.")).to_be_visible()
    case.refresh_from_db()
    assert case.state == CaseState.SUBMITTED


def test_a_wrong_number_of_months_is_said_at_the_field(
    signed_in: SignedIn, dana: User, northside: Organisation, watch: PageWatch
) -> None:
    watch.allow("status of 422")
    page = review(signed_in(dana), waiting_case(northside))
    page.keyboard.press("m")
    page.keyboard.type("99")
    expect(page.locator("[data-field='monitor_months'] [data-error]")).to_contain_text(
        "Monitoring is due in 1 to 36 months."
    )


def test_a_lost_connection_loses_nothing(
    signed_in: SignedIn, dana: User, northside: Organisation, watch: PageWatch
) -> None:
    watch.allow("ERR_INTERNET_DISCONNECTED")
    case = waiting_case(northside)
    page = review(signed_in(dana), case)
    page.context.set_offline(True)
    page.get_by_label("Comment").fill("Written in the lift.")
    expect(page.locator("#save-state")).to_contain_text("Not saved: the server cannot be reached.")
    page.context.set_offline(False)
    expect(page.locator("#save-state")).to_contain_text(re.compile(r"Saved \d\d"))
    assert Read.objects.get(case=case).comment == "Written in the lift."


def test_a_session_that_ended_keeps_what_was_typed(
    signed_in: SignedIn, dana: User, northside: Organisation, watch: PageWatch
) -> None:
    watch.allow("status of 401")
    page = review(signed_in(dana), waiting_case(northside))
    page.context.clear_cookies(name="sessionid")
    page.get_by_label("Comment").fill("Typed too late.")
    expect(page.get_by_role("link", name="Sign in in a new tab")).to_be_visible()
    expect(page.get_by_label("Comment")).to_have_value("Typed too late.")
