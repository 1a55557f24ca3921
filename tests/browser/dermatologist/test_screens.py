"""For everybody, everywhere: widths, accessibility, no scripts, roles."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts.models import Organisation, Role, User
from accounts.services import grant_role
from clinic.models import Read, Reading, ReadingPolicy, ReadingState, ReadStage, ReadState
from clinic.services import assign_case
from tests.browser.dermatologist.actions import (
    Accessible,
    SignedIn,
    commit,
    read_in_the_open,
    review,
)
from tests.browser.watch import PageWatch
from tests.clinic.reading_cases import second_dermatologist, sign_as, waiting_case
from tests.factories import PASSWORD, diagnosis

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDTHS = [1440, 820, 390]


@pytest.fixture
def sound(assert_accessible: Accessible) -> Accessible:
    """No wider than the window, and nothing that axe finds."""

    def check(page: Page) -> None:
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert_accessible(page)

    return check


@pytest.mark.parametrize("width", WIDTHS)
def test_the_list_and_the_desk_before_the_commit(
    signed_in: SignedIn, dana: User, northside: Organisation, sound: Accessible, width: int
) -> None:
    case = waiting_case(
        northside, lesions=5, images=4, priority=1,
        given_name="Maximiliane Wilhelmina Charlotte Theodora",
        family_name="Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh",
        clinical_question="New since last summer. " * 20,
    )  # fmt: skip
    page = signed_in(dana, width=width)
    page.goto(reverse("worklist"))
    sound(page)
    page.goto(reverse("worklist") + "?text=nobody")
    expect(page.get_by_role("heading", name="No waiting case matches")).to_be_visible()
    sound(page)
    page.goto(reverse("favourite-diagnoses"))
    sound(page)
    review(page, case)
    sound(page)
    page.keyboard.press("d")
    expect(page.get_by_role("option").first).to_be_visible()
    sound(page)
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    sound(page)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_desk_after_the_commit_and_a_change_of_mind(
    signed_in: SignedIn, dana: User, northside: Organisation, sound: Accessible, width: int
) -> None:
    page = review(signed_in(dana, width=width), waiting_case(northside, images=2))
    page.keyboard.press("1")
    page.keyboard.press("g")
    commit(page)
    sound(page)
    page.keyboard.press("x")
    expect(page.get_by_label("Why do you change it?")).to_be_focused()
    sound(page)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_adjudicators_desk(
    signed_in: SignedIn,
    dana: User,
    alice: User,
    northside: Organisation,
    sound: Accessible,
    width: int,
) -> None:
    ReadingPolicy.objects.create(organisation=northside, second_read_share=100)
    grant_role(user=alice, organisation=northside, role=Role.DERMATOLOGIST)
    case = waiting_case(northside)
    sign_as(second_dermatologist(northside), case, "melanoma", "excise", comment="A veil.")
    sign_as(alice, case, "nevus", "discharge", comment="Quite regular.")
    page = review(signed_in(dana, width=width), case)
    page.keyboard.press("3")
    page.keyboard.press("e")
    commit(page)
    expect(page.get_by_role("region", name="Two reads of lesion 1")).to_be_visible()
    sound(page)


@pytest.mark.parametrize("width", WIDTHS)
def test_a_case_that_a_colleague_has_and_a_model_that_failed(
    signed_in: SignedIn, dana: User, northside: Organisation, sound: Accessible, width: int
) -> None:
    taken, failed = waiting_case(northside), waiting_case(northside, answer="failed")
    assign_case(case=taken, reader=second_dermatologist(northside))
    page = review(signed_in(dana, width=width), taken)
    sound(page)
    read_in_the_open(northside)
    review(page, failed)
    expect(page.get_by_text("The model gave no answer.")).to_be_visible()
    sound(page)


def test_a_case_is_read_committed_changed_and_signed_without_scripts(
    signed_in: SignedIn, dana: User, northside: Organisation
) -> None:
    case = waiting_case(northside)
    page = signed_in(dana, java_script_enabled=False)
    page.goto(reverse("case-review", args=[case.pk]))
    page.get_by_label("Diagnosis").select_option(label="Melanocytic nevus")
    page.get_by_role("radio", name="Discharge").check()
    page.get_by_role("button", name="Commit").click()
    expect(page.get_by_role("heading", name="Keep your opinion, or change it")).to_be_visible()
    expect(page.get_by_text("resnet18", exact=False).first).to_be_visible()
    page.get_by_text("Change your opinion on lesion 1…").click()
    page.get_by_label("Why do you change it?").fill("The veil.")
    page.get_by_label("Diagnosis").select_option(label="Basal cell carcinoma")
    page.get_by_role("radio", name="Biopsy").check()
    page.get_by_role("button", name="Sign and close").click()
    page.get_by_label("Password").fill(PASSWORD)  # a page between asks who signs
    page.keyboard.press("Enter")
    expect(page.get_by_label("Why do you change it?")).to_have_value("The veil.")
    page.get_by_role("button", name="Sign and close").click()
    expect(page.get_by_role("heading", name="Nothing waits")).to_be_visible()
    changed = Read.objects.get(stage=ReadStage.RECONSIDERED)
    assert (changed.state, changed.management) == (ReadState.SIGNED, "biopsy")
    assert changed.diagnosis == diagnosis("basal-cell-carcinoma")
    assert Reading.objects.get().state == ReadingState.SIGNED


def test_in_the_open_a_case_is_read_and_signed_without_scripts(
    signed_in: SignedIn, dana: User, northside: Organisation
) -> None:
    read_in_the_open(northside)
    case = waiting_case(northside)
    page = signed_in(dana, java_script_enabled=False)
    page.goto(reverse("case-review", args=[case.pk]))
    page.get_by_role("button", name="Confirm Melanoma").click()
    expect(page.get_by_label("Diagnosis")).to_have_value(str(diagnosis("melanoma").pk))
    page.get_by_role("radio", name="Biopsy").check()
    page.get_by_role("button", name="Sign and close").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Sign and close").click()
    expect(page.get_by_text("A signed read cannot be changed.")).to_be_visible()
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
