"""The clinician's whole way through a real Chromium: mouse, keyboard, phone, no script."""

import re
from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Request, expect

from accounts.models import User
from clinic.models import Case, CaseState, Patient
from clinic.services import add_image, submit_case
from inference.models import Prediction
from tests.browser.clinician.actions import (
    drop,
    mark_by_click,
    not_a_picture,
    picture,
)
from tests.browser.waiting import arrived, settled
from tests.browser.watch import PageWatch
from tests.factories import PASSWORD, LesionFactory, ModelVersionFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SignedIn = Callable[..., Page]
Accessible = Callable[..., None]


def test_a_case_from_the_start_page_to_the_readers_with_the_mouse(
    signed_in: SignedIn,
    alice: User,
    patient: Patient,
    assert_accessible: Accessible,
    watch: PageWatch,
) -> None:
    watch.allow("status of 400")
    page = signed_in(alice)
    page.goto("/")
    assert_accessible(page)
    page.get_by_role("link", name="New case").click()
    arrived(page, page.get_by_label("Name or medical record number"))

    page.get_by_label("Name or medical record number").fill("ok")
    expect(page.get_by_role("status").first).to_contain_text("1 patient matches")
    expect(page).to_have_url(re.compile("q=ok"))
    assert_accessible(page)
    page.get_by_role("button", name="New case for Okonkwo, Ngozi").click()

    arrived(page, page.get_by_role("heading", level=1, name="New case for Okonkwo, Ngozi"))
    assert_accessible(page)
    mark_by_click(page, "front-left-forearm")
    card = page.get_by_role("region", name="Lesion 1: Left forearm")
    expect(card).to_be_visible()

    card.locator("input[multiple]").set_input_files([picture("a.jpg"), picture("b.jpg", seed=2)])
    expect(card.locator("[data-stored]")).to_have_count(2)
    drop(page, card, picture("c.jpg", seed=3), not_a_picture())
    expect(card.locator("[data-stored]")).to_have_count(3)
    expect(card.get_by_role("alert")).to_contain_text("not")
    expect(page.locator("[data-upload-summary]")).to_have_text("3 images · 1 not stored")
    assert_accessible(page)

    page.get_by_label("Clinical question").fill("Changed since spring?")
    page.get_by_label("Urgent").check()
    expect(page.locator("[data-saved]")).to_contain_text(re.compile(r"saved \d\d:\d\d:\d\d"))
    page.get_by_role("button", name="Submit case").dblclick()

    expect(page.get_by_role("heading", level=1)).to_contain_text("Case C-")
    expect(page.get_by_text("Waiting for a read").first).to_be_visible()
    expect(page.get_by_text("Changed since spring?")).to_be_visible()
    assert_accessible(page)
    case = Case.objects.get()
    assert case.state == CaseState.SUBMITTED
    assert case.images.count() == 3
    lesion = patient.lesions.get()
    assert (lesion.body_site, lesion.side, lesion.view) == ("forearm", "left", "front")
    assert lesion.map_x == pytest.approx(0.79, abs=0.05)


def test_a_case_without_a_mouse(
    signed_in: SignedIn, alice: User, draft: Case, patient: Patient
) -> None:
    page = signed_in(alice)
    page.goto(f"/cases/{draft.pk}/edit/")
    page.get_by_role("radiogroup", name="Back of the body").get_by_role("radio").first.focus()
    focused = page.locator(":focus")
    for key in ["ArrowDown", "ArrowDown", "ArrowDown", "ArrowUp", "Shift+ArrowRight"]:
        page.keyboard.press(key)
    expect(focused).to_have_attribute("aria-checked", "true")
    place = focused.get_attribute("aria-label") or ""
    expect(page.get_by_label("Body site").locator("option:checked")).to_have_text(place)
    for _ in range(6):
        page.keyboard.press("Tab")
        if "Mark lesion" in (page.locator(":focus").text_content() or ""):
            break
    page.keyboard.press("Enter")
    card = page.locator("[data-lesion]")
    expect(card).to_be_focused()
    page.keyboard.press("Tab")
    chooser = page.locator(":focus")
    assert chooser.get_attribute("type") == "file"
    chooser.set_input_files(picture())
    expect(page.locator("[data-stored]")).to_have_count(1)
    page.get_by_label("Clinical question").focus()
    page.keyboard.type("By keyboard.")
    page.get_by_role("button", name="Submit case").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("is submitted and waits for a read")).to_be_visible()
    assert patient.lesions.get().view == "back"
    draft.refresh_from_db()
    assert (draft.state, draft.clinical_question) == (CaseState.SUBMITTED, "By keyboard.")


def test_the_list_of_places_and_the_body_map_are_in_step(
    signed_in: SignedIn, alice: User, draft: Case
) -> None:
    page = signed_in(alice)
    page.goto(f"/cases/{draft.pk}/edit/")
    page.get_by_label("Body site").select_option("back-right-buttock")
    chosen = page.locator('[data-place="back-right-buttock"]')
    expect(chosen).to_have_attribute("aria-checked", "true")
    expect(page.locator(".body-mark-new")).to_have_text("1")
    page.get_by_label("Body site").select_option("unmarked-oral")
    expect(page.locator(".body-mark-new")).to_have_count(0)
    expect(page.locator('[aria-checked="true"]')).to_have_count(0)


def test_the_whole_way_without_a_script(
    open_page: Callable[..., Page],
    live_server: object,
    alice: User,
    patient: Patient,
    watch: PageWatch,
) -> None:
    watch.allow("status of 400")
    page = open_page(base_url=str(live_server.url), java_script_enabled=False)  # type: ignore[attr-defined]
    page.goto("/patients/?for=case")
    page.get_by_label("Email").fill(alice.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Name or medical record number").fill("4711")
    page.get_by_role("button", name="Search", exact=True).click()
    page.get_by_role("button", name="New case for Okonkwo, Ngozi").click()
    page.get_by_label("Body site").select_option("Left upper back")
    page.get_by_role("button", name="Mark lesion 1").click()
    page.locator("input[multiple]").set_input_files([picture("a.jpg"), not_a_picture()])
    page.get_by_role("button", name="Add the chosen files").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("1 of the images was refused")
    expect(page.get_by_text("letter.jpg")).to_be_visible()
    page.get_by_role("link", name="Back to the draft").click()
    page.get_by_label("Clinical question").fill("Without a script.")
    page.get_by_role("button", name="Save the draft").click()
    expect(page.get_by_text("Draft saved")).to_be_visible()
    page.get_by_role("button", name="Submit case").click()
    expect(page.get_by_text("is submitted and waits for a read")).to_be_visible()
    case = Case.objects.get()
    assert (case.state, case.clinical_question) == (CaseState.SUBMITTED, "Without a script.")
    assert patient.lesions.get().body_site == "back"


def test_the_answer_arrives_on_the_open_page(
    signed_in: SignedIn, alice: User, draft: Case, assert_accessible: Accessible
) -> None:
    ModelVersionFactory()
    lesion = LesionFactory(patient=draft.patient)
    add_image(case=draft, lesion=lesion, content=picture()["buffer"], actor=alice)
    submit_case(case=draft, actor=alice)
    page = signed_in(alice)
    page.goto(f"/cases/{draft.pk}/")
    expect(page.get_by_text("Waiting for the model")).to_be_visible()
    Prediction.objects.update(
        state="succeeded",
        attempts=1,
        probabilities={"mel": 0.62, "nv": 0.38},
        top_class="mel",
        malignancy=0.62,
        uncertainty=0.6,
        finished_at=timezone.now(),
    )
    expect(page.get_by_text("Probability of malignancy")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text="Melanoma")).to_contain_text("62")
    assert_accessible(page)
    settled(page)
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    page.on("request", note)
    page.wait_for_timeout(2_500)
    assert asked == []  # it stops when everything is answered


def test_a_phone_offers_its_camera(signed_in: SignedIn, alice: User, draft: Case) -> None:
    LesionFactory(patient=draft.patient)
    page = signed_in(alice, width=390, height=844)
    page.goto(f"/cases/{draft.pk}/edit/")
    camera = page.get_by_label("Take a photo")
    expect(camera).to_have_attribute("capture", "environment")
    camera.set_input_files(picture())
    expect(page.locator("[data-stored]")).to_have_count(1)
    expect(page.get_by_role("button", name="Submit case")).to_be_in_viewport()
