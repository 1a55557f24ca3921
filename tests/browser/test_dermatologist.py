"""The dermatologist's way through a real Chromium: worklist, review, sign, next."""

import re
from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, Route, expect

from accounts.models import Organisation, User
from clinic.models import Case, CaseState, Read, ReadState
from clinic.services import load_taxonomy, save_read, sign_case
from clinic.services.taxonomy import TAXONOMY_DIR
from tests.browser.watch import PageWatch
from tests.clinic.reading_cases import answer_to, second_dermatologist, waiting_case
from tests.factories import diagnosis

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SignedIn = Callable[..., Page]
Accessible = Callable[..., None]
PICTURE_STYLE = "getComputedStyle(document.querySelector('#viewer-picture'))"
SCALE = f"new DOMMatrix({PICTURE_STYLE}.transform).a"


@pytest.fixture(autouse=True)
def taxonomy(transactional_db: None) -> None:
    """What the migrations loaded, and an earlier test of this kind took away."""
    load_taxonomy(path=TAXONOMY_DIR / "2026.1.json")


def review(page: Page, case: Case) -> Page:
    page.goto(reverse("case-review", args=[case.pk]))
    expect(page.locator("#viewer")).to_have_attribute("data-state", "shown")
    return page


def combobox(page: Page) -> object:
    return page.get_by_role("combobox", name="Diagnosis").first


def until(page: Page, holds: Callable[[], bool]) -> None:
    """Wait in steps of a frame or so: the page's CSP forbids Playwright's own way of waiting."""
    for _ in range(150):
        if holds():
            return
        page.wait_for_timeout(20)
    pytest.fail("It did not come to hold within 3 s.")


def transform(page: Page) -> str:
    return str(page.evaluate(f"{PICTURE_STYLE}.transform"))


def scale(page: Page) -> float:
    return float(page.evaluate(SCALE))


# ---- Without the mouse -----------------------------------------------------------------------


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


# ---- The opinion -----------------------------------------------------------------------------


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


# ---- Two readers -----------------------------------------------------------------------------


def signed_by_erin(case: Case, northside: Organisation) -> None:
    erin = second_dermatologist(northside)
    lesion = case.images.first().lesion
    save_read(
        case=case, lesion=lesion, reader=erin, diagnosis=diagnosis("nevus"), management="discharge"
    )
    sign_case(case=case, reader=erin)


def test_the_slower_reader_keeps_her_draft_and_sees_both(
    signed_in: SignedIn,
    dana: User,
    northside: Organisation,
    watch: PageWatch,
    assert_accessible: Accessible,
) -> None:
    watch.allow("status of 409")
    case = waiting_case(northside)
    page = review(signed_in(dana), case)
    page.keyboard.press("c")
    page.keyboard.press("e")
    signed_by_erin(case, northside)
    with page.expect_response(lambda response: response.url.endswith("/sign/")) as answer:
        page.keyboard.press("Control+Enter")
    assert answer.value.status == 409
    expect(page.get_by_text("Erin Eriksen has signed").first).to_be_visible()
    expect(page.get_by_text("Your draft is kept, unsigned.")).to_be_visible()
    both = page.get_by_role("region", name="Lesion 1")
    expect(both).to_contain_text("Melanocytic nevus")
    expect(both).to_contain_text("Melanoma")
    assert_accessible(page)
    assert Read.objects.get(case=case, reader=dana).state == ReadState.DRAFT


def test_a_draft_that_is_late_says_so_while_it_is_written(
    signed_in: SignedIn, dana: User, northside: Organisation, watch: PageWatch
) -> None:
    watch.allow("status of 409")
    case = waiting_case(northside)
    page = review(signed_in(dana), case)
    signed_by_erin(case, northside)
    page.get_by_label("Comment").fill("I would excise it.")
    expect(page.get_by_role("alert").filter(has_text="Erin Eriksen has signed")).to_be_visible()
    expect(page.get_by_role("button", name="Sign and next")).to_be_disabled()
    page.get_by_role("link", name="See both opinions").click()
    expect(page.get_by_text("I would excise it.")).to_be_visible()


# ---- The picture -----------------------------------------------------------------------------


def test_the_picture_zooms_and_moves_by_keys_wheel_and_drag(
    signed_in: SignedIn, dana: User, northside: Organisation
) -> None:
    page = review(signed_in(dana), waiting_case(northside))
    assert scale(page) == 1
    page.keyboard.press("+")
    page.keyboard.press("+")
    until(page, lambda: scale(page) > 1.5)
    before = transform(page)
    page.keyboard.press("ArrowRight")
    until(page, lambda: transform(page) != before)
    page.keyboard.press("0")
    until(page, lambda: scale(page) == 1)
    box = page.locator("#viewer-canvas").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    for _ in range(6):
        page.mouse.wheel(0, -300)
    until(page, lambda: scale(page) > 1.5)
    before = transform(page)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 + 90, box["y"] + box["height"] / 2 + 40, steps=4)
    page.mouse.up()
    assert transform(page) != before
    expect(page.locator("#viewer-zoom")).to_contain_text("%")


def test_two_fingers_zoom_the_picture(
    signed_in: SignedIn, dana: User, northside: Organisation
) -> None:
    page = review(
        signed_in(dana, width=390, height=844, has_touch=True, is_mobile=True),
        waiting_case(northside),
    )
    box = page.locator("#viewer-canvas").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    touch = page.context.new_cdp_session(page)

    def fingers(kind: str, apart: float) -> None:
        points = [{"x": x - apart, "y": y, "id": 1}, {"x": x + apart, "y": y, "id": 2}]
        touch.send(
            "Input.dispatchTouchEvent", {"type": kind, "touchPoints": points if apart else []}
        )

    fingers("touchStart", 30)
    for apart in range(35, 121, 5):
        fingers("touchMove", apart)
    fingers("touchEnd", 0)
    until(page, lambda: scale(page) > 1.3)


def test_the_saliency_map_lies_on_the_picture_and_goes_again(
    signed_in: SignedIn, dana: User, northside: Organisation
) -> None:
    page = review(signed_in(dana), waiting_case(northside, images=2))
    overlay, switch = page.locator("#viewer-map"), page.get_by_role("button", name="Saliency map")
    expect(overlay).to_be_hidden()
    page.keyboard.press("s")
    expect(overlay).to_be_visible()
    expect(switch).to_have_attribute("aria-pressed", "true")
    until(page, lambda: overlay.evaluate("map => map.complete && map.naturalWidth") > 0)
    assert overlay.bounding_box() == page.locator("#viewer-image").bounding_box()
    page.keyboard.press(".")  # the next image starts without it: the first look is at the skin
    expect(overlay).to_be_hidden()
    switch.click()
    expect(overlay).to_be_visible()
    switch.click()
    expect(overlay).to_be_hidden()


def test_the_next_image_opens_its_lesion(
    signed_in: SignedIn, dana: User, northside: Organisation
) -> None:
    case = waiting_case(northside, lesions=2, images=2)
    page = review(signed_in(dana), case)
    for expected in (2, 3):
        page.keyboard.press(".")
        expect(page.locator(f"#film-strip li:nth-child({expected}) a")).to_have_attribute(
            "aria-current", "true"
        )
    expect(page.locator(".place").nth(1)).to_have_attribute("open", "")
    expect(page.locator(".place").nth(0)).not_to_have_attribute("open", "")
    assert "image=" in page.url
    page.keyboard.press("l")
    expect(page.locator("#film-strip li:nth-child(1) a")).to_have_attribute("aria-current", "true")


def test_an_image_that_does_not_load_says_so_and_loads_again(
    signed_in: SignedIn, dana: User, northside: Organisation, watch: PageWatch
) -> None:
    watch.allow("ERR_FAILED")
    page = signed_in(dana)
    case = waiting_case(northside)
    failing = re.compile(r"/images/[^/]+/file/")

    def refuse(route: Route) -> None:
        route.abort()

    page.route(failing, refuse)
    page.goto(reverse("case-review", args=[case.pk]))
    expect(page.get_by_text("This image could not be loaded.")).to_be_visible()
    page.unroute(failing, refuse)
    page.get_by_role("button", name="Load it again").click()
    expect(page.locator("#viewer")).to_have_attribute("data-state", "shown")
    expect(page.get_by_text("This image could not be loaded.")).to_be_hidden()


def test_a_late_answer_is_announced_and_moves_nothing(
    signed_in: SignedIn, dana: User, northside: Organisation
) -> None:
    case = waiting_case(northside, answer="queued")
    page = review(signed_in(dana), case)
    expect(page.get_by_text("The model has not answered yet.")).to_be_visible()
    image = case.images.get()
    image.predictions.all().delete()
    answer_to(image)
    expect(page.get_by_text("The model has answered.")).to_be_visible()
    page.get_by_role("button", name="Show its answer").click()
    expect(page.get_by_role("button", name="Confirm Melanoma")).to_be_visible()
    page.keyboard.press("c")
    expect(combobox(page)).to_have_value("Melanoma")


# ---- For everybody, everywhere ---------------------------------------------------------------


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
