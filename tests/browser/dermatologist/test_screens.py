"""For everybody, everywhere: widths, accessibility, no scripts, roles."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from accounts.models import Organisation, User
from clinic.models import Read, ReadState
from tests.browser.dermatologist.actions import (
    Accessible,
    SignedIn,
    review,
)
from tests.browser.watch import PageWatch
from tests.clinic.reading_cases import waiting_case
from tests.factories import diagnosis

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("width", [1440, 820, 390])
def test_every_screen_is_accessible_and_as_wide_as_the_window(
    signed_in: SignedIn,
    dana: User,
    northside: Organisation,
    assert_accessible: Accessible,
    width: int,
) -> None:
    case = waiting_case(
        northside, lesions=5, images=4, priority=1,
        given_name="Maximiliane Wilhelmina Charlotte Theodora",
        family_name="Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh",
        clinical_question="New since last summer. " * 20,
    )  # fmt: skip
    failed = waiting_case(northside, answer="failed")
    page = signed_in(dana, width=width)

    def check() -> None:
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert_accessible(page)

    page.goto(reverse("worklist"))
    check()
    page.goto(reverse("worklist") + "?text=nobody")
    expect(page.get_by_role("heading", name="No waiting case matches")).to_be_visible()
    check()
    review(page, case)
    check()
    page.keyboard.press("d")
    expect(page.get_by_role("option").first).to_be_visible()
    check()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    check()
    review(page, failed)
    expect(page.get_by_text("The model gave no answer.")).to_be_visible()
    check()


def test_a_case_is_read_and_signed_without_scripts(
    signed_in: SignedIn, dana: User, northside: Organisation
) -> None:
    case = waiting_case(northside)
    page = signed_in(dana, java_script_enabled=False)
    page.goto(reverse("case-review", args=[case.pk]))
    page.get_by_role("button", name="Confirm Melanoma").click()
    select = page.get_by_label("Diagnosis")
    expect(select).to_have_value(str(diagnosis("melanoma").pk))
    select.select_option(label="Basal cell carcinoma")
    page.get_by_role("radio", name="Biopsy").check()
    page.get_by_role("button", name="Sign and close case").click()
    expect(page.get_by_text("A signed read cannot be changed.")).to_be_visible()
    expect(page.get_by_text("Basal cell carcinoma")).to_be_visible()
    page.get_by_role("button", name="Sign and close case").click()
    expect(page.get_by_role("heading", name="Nothing waits")).to_be_visible()
    read = Read.objects.get(case=case)
    assert (read.state, read.management) == (ReadState.SIGNED, "biopsy")


def test_only_dermatologists_have_a_worklist(
    signed_in: SignedIn, alice: User, watch: PageWatch, assert_accessible: Accessible
) -> None:
    watch.allow("status of 403")
    page = signed_in(alice)
    page.goto(reverse("worklist"))
    expect(
        page.get_by_text("Only dermatologists of this organisation can do that.")
    ).to_be_visible()
    assert_accessible(page)
