"""A draft in the browser: nothing typed and no file is lost, whatever happens on the way."""

import re
from collections.abc import Callable

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, Request, Route, expect

from accounts.models import User
from clinic.models import Case, CaseState, LesionImage
from tests.browser.clinician.actions import (
    picture,
    sign_in_in_a_new_tab,
)
from tests.browser.waiting import until
from tests.browser.watch import PageWatch
from tests.factories import LesionFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SignedIn = Callable[..., Page]
Accessible = Callable[..., None]


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
    expect(page.locator("[data-saved]")).to_contain_text(re.compile(r"saved \d"))
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
    move = page.get_by_label("Lesion that this image shows")
    move.focus()
    move.select_option("Lesion 2")
    expect(page.locator(f"#lesion-{second.pk} [data-stored]")).to_have_count(1)
    expect(page.locator(f"#lesion-{first.pk} [data-stored]")).to_have_count(0)
    expect(move).to_be_focused()
    page.get_by_label("How this image was taken").select_option("Overview")
    expect(page.locator("[data-stored] img")).to_have_attribute("alt", re.compile("^Overview"))
    image = draft.images.get()
    assert (image.lesion, image.kind) == (second, "overview")
    page.get_by_role("button", name="Remove this image of lesion 2").click()
    expect(page.locator("[data-stored]")).to_have_count(0)
    expect(page.locator(f"#lesion-{second.pk} input[multiple]")).to_be_focused()
    assert draft.images.count() == 0


def test_a_case_is_not_submitted_while_an_image_is_on_its_way(
    signed_in: SignedIn, alice: User, draft: Case
) -> None:
    LesionFactory(patient=draft.patient)
    page = signed_in(alice)
    page.goto(f"/cases/{draft.pk}/edit/")
    held: list[Route] = []
    released: list[bool] = []

    def hold(route: Route) -> None:
        if released:
            route.continue_()
        else:
            held.append(route)

    page.route("**/images/", hold)
    page.locator("input[multiple]").set_input_files([picture(f"{n}.jpg", seed=n) for n in range(5)])
    expect(page.locator("[data-upload-summary]")).to_have_text("0 images · 5 on the way")
    page.get_by_role("button", name="Submit case").click()
    expect(page.locator("#toasts")).to_contain_text("5 images are still on the way")
    draft.refresh_from_db()
    assert draft.state == CaseState.DRAFT
    until(page, lambda: len(held) == 3)
    page.wait_for_timeout(200)
    assert len(held) == 3  # no more than three at once
    released.append(True)  # whatever follows is not held any more
    for route in held:
        route.continue_()
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


def test_a_file_above_the_limit_is_refused_before_it_is_sent(
    signed_in: SignedIn, alice: User, draft: Case
) -> None:
    LesionFactory(patient=draft.patient)
    page = signed_in(alice)
    page.goto(f"/cases/{draft.pk}/edit/")
    sent: list[str] = []

    def note(request: Request) -> None:
        sent.append(request.url)

    page.on("request", note)
    huge = {"name": "huge.jpg", "mimeType": "image/jpeg", "buffer": bytes(31 * 1024 * 1024)}
    page.locator("input[multiple]").set_input_files(huge)
    expect(page.locator(".tile-refused")).to_contain_text("larger than 30 MB")
    assert not [address for address in sent if address.endswith("/images/")]
