"""Reading without the mouse."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from accounts.models import Organisation, User
from clinic.models import CaseState, Read, ReadState
from tests.browser.dermatologist.actions import (
    SignedIn,
    combobox,
    review,
)
from tests.clinic.reading_cases import waiting_case
from tests.factories import diagnosis

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

    page.keyboard.press("c")
    expect(combobox(page)).to_have_value("Melanoma")
    page.keyboard.press("e")
    expect(page.locator("#sign-lines")).to_have_text("Melanoma, excise")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(f"**{reverse('case-review', args=[routine.pk])}")
    expect(page.get_by_role("status").filter(has_text="is signed and closed")).to_be_visible()

    page.keyboard.press("d")
    page.keyboard.type("basal")
    page.keyboard.press("Enter")
    expect(combobox(page)).to_have_value("Basal cell carcinoma")
    page.keyboard.press("Escape")
    page.keyboard.press("m")
    page.keyboard.type("6")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(f"**{reverse('worklist')}")
    expect(page.get_by_role("heading", name="Nothing waits")).to_be_visible()

    first, second = Read.objects.get(case=urgent), Read.objects.get(case=routine)
    assert (first.state, first.diagnosis, first.management) == (
        ReadState.SIGNED, diagnosis("melanoma"), "excise",
    )  # fmt: skip
    assert (second.diagnosis, second.management, second.monitor_months) == (
        diagnosis("basal-cell-carcinoma"), "monitor", 6,
    )  # fmt: skip


def test_a_plain_case_takes_three_keys(
    signed_in: SignedIn, dana: User, northside: Organisation
) -> None:
    case = waiting_case(northside)
    page = review(signed_in(dana), case)
    for key in ("c", "g", "Control+Enter"):
        page.keyboard.press(key)
    page.wait_for_url(f"**{reverse('worklist')}")
    case.refresh_from_db()
    assert case.state == CaseState.FINAL


def test_letters_are_only_letters_while_somebody_types(
    signed_in: SignedIn, dana: User, northside: Organisation
) -> None:
    page = review(signed_in(dana), waiting_case(northside))
    page.keyboard.press("t")
    page.keyboard.type("excise, because it grew")
    expect(page.get_by_label("Comment")).to_have_value("excise, because it grew")
    expect(page.get_by_role("radio", checked=True)).to_have_count(0)


def test_the_keys_are_shown_and_single_ones_can_be_switched_off(
    signed_in: SignedIn, dana: User, northside: Organisation
) -> None:
    page = review(signed_in(dana), waiting_case(northside))
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keys")
    expect(dialog).to_be_visible()
    for _ in range(6):  # the focus stays inside: Tab ends up at the dialog or the browser itself
        page.keyboard.press("Tab")
        assert page.evaluate(
            "document.activeElement === document.body || "
            "document.getElementById('keys').contains(document.activeElement)"
        )
    page.get_by_role("switch", name="Use single keys").uncheck()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.keyboard.press("c")
    page.keyboard.press("e")
    expect(combobox(page)).to_have_value("")
    expect(page.get_by_role("radio", checked=True)).to_have_count(0)
