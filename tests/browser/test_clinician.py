"""The clinician's whole way through a real Chromium, with the mouse and without it."""

import base64
import re
from collections.abc import Callable

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import FilePayload, Locator, Page, expect

from accounts.models import Organisation, User
from clinic.models import Case, CaseState, LesionImage, Patient
from clinic.services import start_case
from tests.browser.watch import PageWatch
from tests.clinic.imaging.pictures import photograph, saved
from tests.factories import PASSWORD, CaseFactory, LesionFactory, PatientFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SignedIn = Callable[..., Page]
Accessible = Callable[..., None]


def picture(name: str = "mole.jpg", *, seed: int = 1) -> FilePayload:
    content = saved(photograph(640, 480, seed=seed), "JPEG", quality=90)
    return {"name": name, "mimeType": "image/jpeg", "buffer": content}


def not_a_picture(name: str = "letter.jpg") -> FilePayload:
    return {"name": name, "mimeType": "image/jpeg", "buffer": b"Dear colleague, " * 40}


def drop(page: Page, target: Locator, *files: FilePayload) -> None:
    """Drop files on an element, as a person does from the desktop."""
    described = [
        {
            "name": file["name"],
            "type": file["mimeType"],
            "content": base64.b64encode(file["buffer"]).decode(),
        }
        for file in files
    ]
    transfer = page.evaluate_handle(
        """files => {
            const transfer = new DataTransfer();
            for (const { name, type, content } of files) {
                const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
                transfer.items.add(new File([bytes], name, { type }));
            }
            return transfer;
        }""",
        described,
    )
    for event in ("dragenter", "dragover", "drop"):
        target.dispatch_event(event, {"dataTransfer": transfer})


def mark_by_click(page: Page, place: str) -> None:
    """Click a region of the body map and confirm."""
    region = page.locator(f'[data-place="{place}"]')
    box = region.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.get_by_role("button", name=re.compile("Mark lesion")).click()


@pytest.fixture
def patient(northside: Organisation) -> Patient:
    return PatientFactory(
        organisation=northside,
        family_name="Okonkwo",
        given_name="Ngozi",
        medical_record_number="NS-4711",
    )


@pytest.fixture
def draft(patient: Patient, alice: User) -> Case:
    return start_case(patient=patient, actor=alice)


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

    page.get_by_label("Name or medical record number").fill("ok")
    expect(page.get_by_role("status").first).to_contain_text("1 patient matches")
    assert "q=ok" in page.url
    assert_accessible(page)
    page.get_by_role("button", name="New case for Okonkwo, Ngozi").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("New case for Okonkwo, Ngozi")
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


def sign_in_in_a_new_tab(page: Page, person: User) -> None:
    """Follow the page's own link, sign in there, and come back."""
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Sign in in a new tab").click()
    tab = opened.value
    tab.get_by_label("Email").fill(person.email)
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Sign in").click()
    expect(tab.get_by_role("heading", level=1)).to_contain_text("Good to see you")
    tab.close()


def test_a_session_that_ends_in_mid_upload_loses_no_file(
    signed_in: SignedIn, alice: User, draft: Case, watch: PageWatch
) -> None:
    watch.allow("status of 401")
    LesionFactory(patient=draft.patient)
    page = signed_in(alice)
    page.goto(f"/cases/{draft.pk}/edit/")
    Session.objects.all().delete()
    page.locator("input[multiple]").set_input_files(picture())
    tile = page.locator(".tile-refused")
    expect(tile.get_by_role("alert")).to_contain_text("Your session has ended. Sign in in a new")
    expect(tile).to_contain_text("mole.jpg")
    assert LesionImage.objects.count() == 0

    sign_in_in_a_new_tab(page, alice)
    tile.get_by_role("button", name="Retry").click()
    expect(page.locator("[data-stored]")).to_have_count(1)
    expect(page.get_by_role("link", name="Sign in in a new tab")).to_be_hidden()
    assert LesionImage.objects.get().case == draft


def test_what_is_typed_is_kept_and_saved_when_the_session_is_back(
    signed_in: SignedIn, alice: User, draft: Case, watch: PageWatch
) -> None:
    watch.allow("status of 401")
    page = signed_in(alice)
    page.goto(f"/cases/{draft.pk}/edit/")
    Session.objects.all().delete()
    page.get_by_label("Clinical question").fill("Not to be lost.")
    expect(page.get_by_role("alert")).to_contain_text("Your session has ended")
    expect(page.locator("[data-saved]")).to_have_text("Not saved")

    sign_in_in_a_new_tab(page, alice)
    expect(page.locator("[data-saved]")).to_contain_text(re.compile(r"saved \d"), timeout=15_000)
    draft.refresh_from_db()
    assert draft.clinical_question == "Not to be lost."


def test_the_same_picture_twice_is_warned_of_and_stored_once(
    signed_in: SignedIn, alice: User, draft: Case, watch: PageWatch
) -> None:
    watch.allow("status of 409")
    lesion = LesionFactory(patient=draft.patient)
    page = signed_in(alice)
    page.goto(f"/cases/{draft.pk}/edit/#lesion-{lesion.pk}")
    chooser = page.locator("input[multiple]")
    chooser.set_input_files(picture("one.jpg"))
    expect(page.locator("[data-stored]")).to_have_count(1)
    chooser.set_input_files(picture("again.jpg"))
    expect(page.locator(".tile-refused")).to_contain_text("already in the case, on lesion 1")
    expect(page.locator(".tile-refused").get_by_role("button", name="Retry")).to_be_hidden()
    page.locator(".tile-refused").get_by_role("button", name="Remove").click()
    expect(page.locator("[data-upload-summary]")).to_have_text("1 image")
    assert draft.images.count() == 1


def test_an_image_moves_to_another_lesion_and_is_removed(
    signed_in: SignedIn, alice: User, draft: Case
) -> None:
    first = LesionFactory(patient=draft.patient)
    second = LesionFactory(patient=draft.patient, body_site="thigh")
    page = signed_in(alice)
    page.goto(f"/cases/{draft.pk}/edit/")
    page.locator(f"#lesion-{first.pk} input[multiple]").set_input_files(picture())
    expect(page.locator(f"#lesion-{first.pk} [data-stored]")).to_have_count(1)
    page.get_by_label("Lesion that this image shows").select_option("Lesion 2")
    expect(page.locator(f"#lesion-{second.pk} [data-stored]")).to_have_count(1)
    expect(page.locator(f"#lesion-{first.pk} [data-stored]")).to_have_count(0)
    page.get_by_label("How this image was taken").select_option("Overview")
    expect(page.locator("[data-stored] img")).to_have_attribute("alt", re.compile("^Overview"))
    image = draft.images.get()
    assert (image.lesion, image.kind) == (second, "overview")
    page.get_by_role("button", name="Remove this image of lesion 2").click()
    expect(page.locator("[data-stored]")).to_have_count(0)
    assert draft.images.count() == 0


def test_a_case_is_not_submitted_while_an_image_is_on_its_way(
    signed_in: SignedIn, alice: User, draft: Case
) -> None:
    LesionFactory(patient=draft.patient)
    page = signed_in(alice)
    page.goto(f"/cases/{draft.pk}/edit/")
    held = []
    page.route("**/images/", held.append)
    page.locator("input[multiple]").set_input_files([picture(f"{n}.jpg", seed=n) for n in range(5)])
    expect(page.locator("[data-upload-summary]")).to_have_text("0 images · 5 on the way")
    page.get_by_role("button", name="Submit case").click()
    expect(page.locator("#toasts")).to_contain_text("5 images are still on the way")
    draft.refresh_from_db()
    assert draft.state == CaseState.DRAFT
    assert len(held) == 3  # no more than three at once
    for route in held:
        route.continue_()
    page.unroute("**/images/")
    expect(page.locator("[data-stored]")).to_have_count(5)


def test_a_broken_connection_is_said_and_one_press_tries_again(
    signed_in: SignedIn, alice: User, draft: Case, watch: PageWatch
) -> None:
    watch.allow("ERR_INTERNET_DISCONNECTED|ERR_FAILED")
    LesionFactory(patient=draft.patient)
    page = signed_in(alice)
    page.goto(f"/cases/{draft.pk}/edit/")
    page.route("**/images/", lambda route: route.abort())
    page.locator("input[multiple]").set_input_files(picture())
    expect(page.locator(".tile-refused")).to_contain_text("The connection broke")
    page.unroute("**/images/")
    page.get_by_role("button", name="Retry").click()
    expect(page.locator("[data-stored]")).to_have_count(1)


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
