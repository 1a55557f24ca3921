"""After the signature, in the browser: an amendment, its news, pathology, and who was right."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Organisation, User
from clinic.models import Case, PathologyResult
from clinic.services import amend_answer, record_pathology
from clinic.services.taxonomy import TAXONOMY_DIR, load_taxonomy
from tests.browser.waiting import arrived
from tests.browser.watch import PageWatch
from tests.clinic.reading_cases import sign_as, waiting_case
from tests.factories import PASSWORD, diagnosis

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SignedIn = Callable[..., Page]
Accessible = Callable[..., None]


@pytest.fixture
def case(northside: Organisation, alice: User, dana: User) -> Case:
    # The database was emptied after the test before, the migrations' rows with it.
    load_taxonomy(path=TAXONOMY_DIR / "2026.1.json")
    case = waiting_case(northside, submitter=alice, number=42, lesions=2)
    sign_as(dana, case, "nevus", comment="Regular network.")
    case.refresh_from_db()
    return case


def choose_diagnosis(page: Page, text: str, *, lesion: int = 0) -> None:
    field = page.get_by_role("combobox").nth(lesion)
    field.fill(text)
    field.press("Enter")


def test_an_amendment_survives_a_reload_and_is_signed_with_the_password_in_the_dialog(
    signed_in: SignedIn, case: Case, dana: User, alice: User, assert_accessible: Accessible
) -> None:
    page = signed_in(dana)
    page.goto(f"/cases/{case.pk}/")
    page.get_by_role("link", name="Amend").click()
    arrived(page, page.get_by_label("Why is the answer amended?"))
    assert_accessible(page)
    page.get_by_label("Why is the answer amended?").fill("The histology came back.")
    choose_diagnosis(page, "melanoma in situ")
    page.get_by_label("Excise").first.check()
    expect(page.get_by_text("Kept in this window")).to_be_visible()

    page.reload()
    expect(page.get_by_text("What you typed before is back")).to_be_visible()
    expect(page.get_by_label("Why is the answer amended?")).to_have_value(
        "The histology came back."
    )
    expect(page.get_by_role("combobox").first).to_have_value("Melanoma in situ")
    expect(page.get_by_label("Excise").first).to_be_checked()

    page.get_by_role("button", name="Sign the amended answer").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Lesion 1: Melanoma in situ, Excise")
    assert_accessible(page)
    dialog.get_by_label("Your password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Amended answer")).to_be_visible()
    expect(page.get_by_text("is told.")).to_be_visible()
    expect(page.get_by_role("heading", name=re.compile("Earlier answers"))).to_be_visible()
    assert_accessible(page)
    case.refresh_from_db()
    assert case.answer is not None
    assert (case.state, case.answer.proof_method) == ("amended", "password")

    # The draft belonged to the answer that is gone: the next amendment begins afresh.
    page.goto(f"/cases/{case.pk}/amend/")
    expect(page.get_by_label("Why is the answer amended?")).to_have_value("")
    told = signed_in(alice)
    told.goto("/")
    expect(told.get_by_role("link", name="C-00042 was amended")).to_be_visible()
    assert_accessible(told)
    told.get_by_role("link", name=re.compile("News, unread: ?1")).click()
    arrived(told, told.get_by_role("heading", name="News", level=1))
    assert_accessible(told)
    told.get_by_role("link", name="C-00042 was amended").click()
    expect(told.get_by_role("heading", name="Amended answer")).to_be_visible()
    expect(told.get_by_role("link", name="News", exact=True)).to_be_visible()


def test_cancelling_the_dialog_signs_nothing_and_another_person_gets_no_draft(
    signed_in: SignedIn, case: Case, dana: User
) -> None:
    page = signed_in(dana)
    page.goto(f"/cases/{case.pk}/amend/")
    page.get_by_label("Why is the answer amended?").fill("Hm.")
    page.get_by_role("button", name="Sign the amended answer").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.get_by_label("Why is the answer amended?")).to_have_value("Hm.")
    case.refresh_from_db()
    assert case.state == "final"
    kept = page.evaluate("Object.keys(sessionStorage)")
    assert [name for name in kept if name.startswith("amendment:")] == [
        f"amendment:{dana.pk}:{case.pk}"
    ]
    assert PASSWORD not in str(page.evaluate("JSON.stringify(sessionStorage)"))


def test_an_amendment_without_a_script_asks_for_the_password_in_the_form(
    open_page: Callable[..., Page], live_server: Any, case: Case, dana: User, watch: PageWatch
) -> None:
    watch.allow("status of 403")
    page = open_page(base_url=str(live_server.url), java_script_enabled=False)
    page.goto(f"/cases/{case.pk}/amend/")
    page.get_by_label("Email").fill(dana.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Why is the answer amended?").fill("A slip.")
    with page.expect_navigation():
        page.get_by_role("button", name="Sign the amended answer").click()
    expect(page.get_by_label("Why is the answer amended?")).to_have_value("A slip.")
    page.get_by_role("textbox", name="Your password").fill(PASSWORD)
    page.get_by_role("button", name="Sign the amended answer").click()
    expect(page.get_by_role("heading", name="Amended answer")).to_be_visible()


def test_pathology_is_recorded_with_the_keyboard_and_says_who_was_right(
    signed_in: SignedIn, case: Case, alice: User, assert_accessible: Accessible
) -> None:
    page = signed_in(alice)
    page.goto(f"/cases/{case.pk}/")
    page.get_by_role("link", name="Record pathology of lesion 1").click()
    arrived(page, page.get_by_role("button", name="Record the result"))
    assert_accessible(page)
    page.get_by_role("combobox").focus()
    page.keyboard.type("melanoma in")
    page.keyboard.press("Enter")
    page.get_by_role("textbox", name="Report optional", exact=True).fill("In situ, clear margins.")
    page.get_by_role("button", name="Record the result").focus()
    page.keyboard.press("Enter")
    confirmed = page.get_by_role("region", name="Pathology")
    expect(confirmed).to_contain_text("Melanoma in situ")
    expect(confirmed.get_by_role("row", name=re.compile("Dana Demir"))).to_contain_text("Wrong")
    assert_accessible(page)
    result = PathologyResult.objects.get()
    assert (result.diagnosis.code, result.method) == ("melanoma-in-situ", "histo")


@pytest.mark.parametrize("width", [1440, 820, 390])
def test_every_page_after_the_answer_fits_and_is_accessible(
    signed_in: SignedIn,
    case: Case,
    alice: User,
    dana: User,
    assert_accessible: Accessible,
    width: int,
) -> None:
    lesion = case.images.select_related("lesion").first().lesion  # type: ignore[union-attr]
    assert case.answer is not None
    amend_answer(
        case=case,
        reader=dana,
        reason="Wolfeschlegelsteinhausenbergerdorff" * 3,
        based_on=case.answer,
        opinions={
            image.lesion_id: {"diagnosis": diagnosis("melanoma"), "management": "excise"}
            for image in case.images.all()
        },
    )
    record_pathology(lesion=lesion, diagnosis=diagnosis("melanoma"), method="histo", actor=alice)
    for person, addresses in {
        alice: ["/news/", f"/cases/{case.pk}/", f"/cases/{case.pk}/print/", "/cases/",
                f"/patients/{case.patient_id}/", f"/lesions/{lesion.pk}/pathology/"],
        dana: [f"/cases/{case.pk}/amend/", f"/cases/{case.pk}/", "/cases/?state=open"],
    }.items():  # fmt: skip
        page = signed_in(person, width=width)
        for address in addresses:
            page.goto(address)
            for digest in page.locator(".digest summary").all():
                if digest.is_visible():
                    digest.click()
            assert_accessible(page)
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{address} is {wide} px wide"
