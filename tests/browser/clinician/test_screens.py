"""Every screen of the clinician at three widths: accessible, and nothing scrolls sideways."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from clinic.models import Case, Patient
from clinic.services import add_image, amend_case, submit_case
from clinic.services.taxonomy import TAXONOMY_DIR, load_taxonomy
from tests.browser.clinician.actions import picture
from tests.browser.watch import PageWatch
from tests.clinic.reading_cases import sign_as
from tests.factories import CaseFactory, LesionFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SignedIn = Callable[..., Page]
Accessible = Callable[..., None]


def test_a_likely_duplicate_is_shown_before_a_second_record_is_opened(
    signed_in: SignedIn,
    alice: User,
    patient: Patient,
    assert_accessible: Accessible,
    watch: PageWatch,
) -> None:
    watch.allow("status of 409")
    page = signed_in(alice)
    page.goto("/patients/new/")
    assert_accessible(page)
    page.get_by_label("Family name").fill("okonkwo")
    page.get_by_label("Given name").fill("Ngozi")
    page.get_by_label("Medical record number").fill("NS-9999")
    page.get_by_role("button", name="Register the patient").click()
    warning = page.get_by_role("alert")
    expect(warning.get_by_role("link", name="Okonkwo, Ngozi")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Register anyway: a different person").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("okonkwo, Ngozi")
    assert Patient.objects.count() == 2


@pytest.fixture
def addresses(patient: Patient, draft: Case, alice: User) -> list[str]:
    """Every screen of a clinician, for a patient with a long name."""
    patient.family_name = "Wolfeschlegelsteinhausenbergerdorff"
    patient.given_name = "Hubert Blaine Maximilian"
    patient.save()
    lesion = LesionFactory(patient=patient, view="front", map_x=0.79, map_y=0.45)
    case = CaseFactory(patient=patient, submitted=True, number=77, submitter=alice)
    return [
        "/",
        "/patients/",
        "/patients/?q=nobody",
        "/patients/?for=case",
        "/patients/new/",
        f"/patients/{patient.pk}/",
        f"/patients/{patient.pk}/edit/",
        f"/lesions/{lesion.pk}/edit/",
        "/cases/",
        "/cases/?state=cancelled",
        "/news/",
        f"/lesions/{lesion.pk}/pathology/",
        f"/cases/{draft.pk}/edit/",
        f"/cases/{case.pk}/",
        f"/cases/{case.pk}/print/",
        f"/cases/{case.pk}/cancel/",
        "/search/",
        "/search/?q=wolf",
    ]


@pytest.mark.parametrize("width", [1440, 820, 390])
def test_every_screen_is_accessible_and_nothing_scrolls_sideways(
    signed_in: SignedIn,
    alice: User,
    addresses: list[str],
    assert_accessible: Accessible,
    width: int,
) -> None:
    page = signed_in(alice, width=width)
    for address in addresses:
        response = page.goto(address)
        assert response is not None
        assert response.status == 200, address
        assert_accessible(page)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{address} is {wide} px wide"


def test_home_of_the_others(
    signed_in: SignedIn, dana: User, ada: User, draft: Case, assert_accessible: Accessible
) -> None:
    CaseFactory(patient=draft.patient, submitted=True, number=78)
    for person in (dana, ada):
        page = signed_in(person)
        page.goto("/")
        assert_accessible(page)
    page = signed_in(dana)
    page.goto("/")
    page.get_by_role("button", name="Read next").click()
    expect(page).to_have_url(re.compile("/review/"))


def test_a_signed_case_is_printed_on_one_page(
    signed_in: SignedIn, alice: User, dana: User, draft: Case, tmp_path: Path
) -> None:
    # The database was emptied after the test before, the migrations' rows with it.
    load_taxonomy(path=TAXONOMY_DIR / "2026.1.json")
    lesion = LesionFactory(patient=draft.patient)
    for seed in range(8):
        content = picture(seed=seed)["buffer"]
        add_image(case=draft, lesion=lesion, content=content, actor=alice)
    amend_case(case=draft, actor=alice, clinical_question="Changed since spring. " * 20)
    submit_case(case=draft, actor=alice)
    sign_as(dana, draft, "melanoma", "excise", comment="Asymmetric network, blue-white veil. " * 10)
    page = signed_in(alice)
    page.goto(f"/cases/{draft.pk}/print/")
    page.get_by_role("img").last.scroll_into_view_if_needed()
    printed = page.pdf(path=tmp_path / "letter.pdf", format="A4")
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
