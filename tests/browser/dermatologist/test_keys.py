"""Reading without the mouse."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from accounts.models import Organisation, User
from clinic.models import CaseState, Read, Reading, ReadingState, ReadState
from tests.browser.dermatologist.actions import (
    SignedIn,
    combobox,
    commit,
    prove,
    ready,
    review,
)
from tests.browser.waiting import arrived
from tests.clinic.reading_cases import waiting_case
from tests.factories import PASSWORD, diagnosis

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_from_the_worklist_to_sign_and_next_without_the_mouse(
    signed_in: SignedIn, dana: User, northside: Organisation
) -> None:
    routine = waiting_case(northside, hours=50, family_name="Routine")
    urgent = waiting_case(northside, priority=2, family_name="Urgent")
    page = signed_in(dana)
    page.goto(reverse("worklist"))
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="Urgent, Ingrid")).to_be_focused()
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="Routine, Ingrid")).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{reverse('case-review', args=[urgent.pk])}")
    ready(page)

    page.keyboard.press("3")
    expect(combobox(page)).to_have_value("Melanoma")
    page.keyboard.press("e")
    expect(page.locator("#sign-lines")).to_have_text("Melanoma, excise")
    commit(page)
    page.keyboard.press("Control+Enter")
    dialog = page.get_by_role("dialog", name="Is it you who signs?")
    expect(dialog).to_contain_text("Melanoma, excise")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{reverse('case-review', args=[routine.pk])}")
    ready(page)
    expect(page.get_by_role("status").filter(has_text="is signed and closed")).to_be_visible()

    page.keyboard.press("d")
    page.keyboard.type("basal")
    page.keyboard.press("Enter")
    expect(combobox(page)).to_have_value("Basal cell carcinoma")
    page.keyboard.press("Escape")
    page.keyboard.press("m")
    page.keyboard.type("6")
    commit(page)
    page.keyboard.press("Control+Enter")  # the proof is fresh: nobody is asked again
    page.wait_for_url(f"**{reverse('worklist')}")
    expect(page.get_by_role("heading", name="Nothing waits")).to_be_visible()

    first, second = Read.objects.get(case=urgent), Read.objects.get(case=routine)
    assert (first.state, first.diagnosis, first.management) == (
        ReadState.SIGNED, diagnosis("melanoma"), "excise",
    )  # fmt: skip
    assert (second.diagnosis, second.management, second.monitor_months) == (
        diagnosis("basal-cell-carcinoma"), "monitor", 6,
    )  # fmt: skip


def test_a_plain_nevus_takes_at_most_six_keys(
    signed_in: SignedIn, dana: User, northside: Organisation
) -> None:
    case, following = waiting_case(northside, priority=1), waiting_case(northside)
    page = review(signed_in(dana), case)
    prove(page)
    keys = ["1", "g", "Control+Enter", "Control+Enter"]
    assert len(keys) <= 6
    for key in keys[:-1]:
        page.keyboard.press(key)
    expect(page.locator("#decide-title")).to_be_focused()
    page.keyboard.press(keys[-1])
    page.wait_for_url(f"**{reverse('case-review', args=[following.pk])}")
    case.refresh_from_db()
    assert case.state == CaseState.FINAL
    assert Read.objects.get(case=case).diagnosis == diagnosis("nevus")


def test_a_hurried_or_held_key_commits_and_does_not_sign(
    signed_in: SignedIn, dana: User, northside: Organisation
) -> None:
    case = waiting_case(northside)
    page = review(signed_in(dana), case)
    prove(page)
    for key in ("1", "g"):
        page.keyboard.press(key)
    page.keyboard.down("Control")
    for _ in range(40):  # the same key held: only the first is meant
        page.keyboard.down("Enter")
    page.keyboard.up("Enter")
    page.keyboard.up("Control")
    expect(page.locator("#decide-title")).to_be_focused()
    page.wait_for_timeout(300)
    assert Reading.objects.get().state == ReadingState.REVEALED


def test_letters_are_only_letters_while_somebody_types(
    signed_in: SignedIn, dana: User, northside: Organisation
) -> None:
    page = review(signed_in(dana), waiting_case(northside))
    page.keyboard.press("t")
    page.keyboard.type("excise 3, because it grew")
    expect(page.get_by_label("Comment")).to_have_value("excise 3, because it grew")
    expect(page.get_by_role("radio", checked=True)).to_have_count(0)
    expect(combobox(page)).to_have_value("")


def test_after_the_commit_no_key_changes_a_mind_by_accident(
    signed_in: SignedIn, dana: User, northside: Organisation
) -> None:
    page = review(signed_in(dana), waiting_case(northside))
    for key in ("1", "g"):
        page.keyboard.press(key)
    commit(page)
    for key in ("3", "e"):
        page.keyboard.press(key)
    expect(page.locator("#sign-lines")).to_have_text("Melanocytic nevus, discharge")
    page.keyboard.press("x")
    expect(page.get_by_label("Why do you change it?")).to_be_focused()
    page.keyboard.type("The veil.")
    page.keyboard.press("Escape")
    for key in ("3", "e"):
        page.keyboard.press(key)
    expect(page.locator("#sign-lines")).to_have_text("Changed to melanoma, excise")


def test_the_keys_are_shown_and_single_ones_can_be_switched_off(
    signed_in: SignedIn, dana: User, northside: Organisation
) -> None:
    page = review(signed_in(dana), waiting_case(northside))
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keys")
    expect(dialog).to_be_visible()
    for said in ("Your favourite diagnoses", "Skip to the next case", "Turn left", "Rectangle"):
        expect(dialog).to_contain_text(said)
    for _ in range(6):  # the focus stays inside: Tab ends up at the dialog or the browser itself
        page.keyboard.press("Tab")
        assert page.evaluate(
            "document.activeElement === document.body || "
            "document.getElementById('keys').contains(document.activeElement)"
        )
    page.get_by_role("switch", name="Use single keys").uncheck()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.keyboard.press("1")
    page.keyboard.press("e")
    expect(combobox(page)).to_have_value("")
    expect(page.get_by_role("radio", checked=True)).to_have_count(0)


def test_the_number_keys_are_chosen_and_the_way_leads_back(
    signed_in: SignedIn, dana: User, northside: Organisation
) -> None:
    case = waiting_case(northside)
    page = review(signed_in(dana), case)
    page.keyboard.press("?")
    page.get_by_role("link", name="Choose what the number keys stand for").click()
    field = page.get_by_role("combobox", name="Key 1")
    arrived(page, field)
    expect(field).to_have_value("Melanocytic nevus")
    field.fill("spitz")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Save the keys").click()
    page.wait_for_url(f"**{reverse('case-review', args=[case.pk])}")
    ready(page)
    page.keyboard.press("1")
    expect(combobox(page)).to_have_value("Spitz nevus")
