"""Everybody's part on one record, by the input of their choice.

Each takes an open window of that person and goes from the list to the end of their work. `look` is
called wherever the screen has changed: with a check of accessibility, or with nothing.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse
from playwright.sync_api import Page, expect

from clinic.models import Case
from tests.browser.dermatologist.actions import SAVED, commit, ready, scale, state
from tests.browser.stage.actions import annotate, drag, newest, on_screen, saved
from tests.browser.stage.test_touch import Hand
from tests.browser.waiting import arrived, until
from tests.factories import PASSWORD

Look = Callable[[Page], None]
PHONE = {"width": 390, "height": 844, "has_touch": True, "is_mobile": True}
REASON = "A blue-whitish veil that I had overlooked."
FOUND = "Atypical network at three o'clock."
HISTOLOGY = "Superficial spreading melanoma, Breslow 0.4 mm."


def nothing(_: Page) -> None:
    """Looks at nothing."""


@dataclass
class OnScreen:
    """A case on somebody's desk."""

    page: Page
    case: Case

    @property
    def address(self) -> str:
        return reverse("case-review", args=[self.case.pk])

    def drawn(self) -> int:
        """How many annotations stand on the case's first image."""
        image = self.case.images.first()
        assert image is not None
        return len(newest(image))


def dana_drafts_blind(page: Page, case: Case, look: Look = nothing) -> None:
    """By the mouse from the worklist: zoomed, drawn on, said, and kept as a draft."""
    desk = OnScreen(page, case)
    page.goto(reverse("worklist"))
    page.get_by_role("button", name="Read next").click()
    page.wait_for_url(f"**{desk.address}")
    ready(page)
    look(page)
    annotate(page, "Pigment network")
    page.get_by_role("button", name="Ellipse").click()
    drag(page, (400, 300), (700, 600))
    until(page, lambda: desk.drawn() == 1)
    saved(page)
    look(page)
    page.get_by_role("button", name="Annotate").click()
    x, y = on_screen(page, (600, 450))
    page.mouse.move(x, y)
    page.mouse.wheel(0, -240)
    until(page, lambda: scale(page) > 1.2)
    page.get_by_role("button", name="Melanocytic nevus").click()
    page.locator("label[data-management='monitor']").click()
    page.get_by_role("button", name="6", exact=True).click()
    page.get_by_text("Fairly sure").click()
    page.get_by_label("Comment").click()
    page.keyboard.type(FOUND)
    expect(state(page)).to_contain_text(SAVED)


def dana_commits_and_changes_her_mind(page: Page, look: Look = nothing) -> None:
    """By the mouse: committed, shown what the model says, another opinion with a reason."""
    page.get_by_role("button", name="Commit").click()
    expect(page.locator("#decide-title")).to_be_focused()
    expect(page.get_by_text("zweitblick", exact=False).first).to_be_visible()
    look(page)
    page.get_by_text("Change your opinion on lesion 1…").click()
    expect(page.get_by_label("Why do you change it?")).to_be_focused()
    page.keyboard.type(REASON)
    diagnosis = page.get_by_role("combobox", name="Diagnosis")
    diagnosis.click()
    diagnosis.fill("mela")
    page.get_by_role("option", name=re.compile("^Melanoma")).first.click()
    page.locator("label[data-management='excise']").click()
    expect(page.get_by_role("button", name="Change and sign")).to_be_visible()
    look(page)


def dana_signs(page: Page, look: Look = nothing) -> None:
    """By the mouse, with the password; back to the worklist."""
    page.get_by_role("button", name="Sign and close").click()
    dialog = page.get_by_role("dialog", name="Is it you who signs?")
    expect(dialog).to_contain_text("Changed to melanoma, excise")
    look(page)
    dialog.get_by_label("Your password").fill(PASSWORD)
    dialog.get_by_role("button", name="Sign", exact=False).last.click()
    page.wait_for_url(f"**{reverse('worklist')}")
    look(page)


def erin_disagrees(page: Page, case: Case, look: Look = nothing) -> None:
    """By fingers on a phone: two that zoom, one that draws, and a nevus to be left alone."""
    desk = OnScreen(page, case)
    page.goto(reverse("worklist"))
    page.get_by_role("button", name="Read next").tap()
    page.wait_for_url(f"**{desk.address}")
    ready(page)
    look(page)
    hand = Hand(page)
    hand.pinch(on_screen(page, (600, 450)), range(30, 90, 6))
    until(page, lambda: scale(page) > 1.3)
    page.get_by_role("button", name="Fit to the window").tap()
    until(page, lambda: scale(page) == 1)
    page.get_by_role("button", name="Annotate").tap()
    expect(page.get_by_role("button", name="Freehand outline")).to_be_enabled()
    page.get_by_role("button", name="Label:").tap()
    page.get_by_role("option", name="Lesion border").tap()
    outline = page.get_by_role("button", name="Freehand outline")
    outline.tap()
    expect(outline).to_have_attribute("aria-pressed", "true")
    before = desk.drawn()
    hand.stroke((300, 300), (900, 310), (890, 700), (310, 690), (300, 320))
    until(page, lambda: desk.drawn() == before + 1)
    saved(page)
    look(page)
    page.get_by_role("button", name="Annotate").tap()
    page.get_by_role("button", name="Melanocytic nevus").tap()
    page.locator("label[data-management='discharge']").tap()
    expect(page.locator("#sign-lines")).to_have_text("Melanocytic nevus, discharge")
    page.get_by_role("button", name="Commit").tap()
    expect(page.locator("#decide-title")).to_be_focused()
    # What is to be weighed before the signature is in sight, without a finger's help.
    expect(page.get_by_text("zweitblick", exact=False).first).to_be_in_viewport()
    look(page)
    page.get_by_role("button", name="Keep and sign").tap()
    dialog = page.get_by_role("dialog", name="Is it you who signs?")
    dialog.get_by_label("Your password").tap()
    page.keyboard.type(PASSWORD)
    look(page)
    dialog.get_by_role("button", name="Keep and sign").tap()
    page.wait_for_url(f"**{reverse('worklist')}")


def fred_decides(page: Page, case: Case, look: Look = nothing) -> None:
    """By keys alone: opened, drawn on, committed, the two reads weighed, signed."""
    desk = OnScreen(page, case)
    page.goto(reverse("worklist"))
    press(page, "j", "Enter")
    page.wait_for_url(f"**{desk.address}")
    ready(page)
    before = desk.drawn()
    press(page, "a")
    expect(page.get_by_role("button", name="Rectangle")).to_be_enabled()
    press(page, "l", "1", "r", "ArrowLeft", *["ArrowLeft"] * 9, "Enter")
    press(page, *["ArrowRight"] * 12, *["ArrowDown"] * 8, "Enter")
    until(page, lambda: desk.drawn() == before + 1)
    saved(page)
    press(page, "Escape", "Escape", "Escape")
    press(page, "d")
    page.keyboard.type("melano")
    press(page, "Enter", "Escape")
    press(page, "e")
    look(page)
    commit(page)
    look(page)
    press(page, "Control+Shift+Enter")
    expect(page.get_by_role("dialog", name="Is it you who signs?")).to_be_visible()
    page.keyboard.type(PASSWORD)
    press(page, "Enter")
    page.wait_for_url(f"**{reverse('worklist')}")


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def alice_sees_the_answer(page: Page, case: Case, reader: str, look: Look = nothing) -> None:
    """From her cases to the answer, who signed it and how it came about."""
    page.goto(reverse("case-list"))
    page.get_by_role("link", name=case.patient.name).click()
    answer = page.get_by_role("region", name="Signed answer")
    expect(answer).to_contain_text("Melanoma")
    expect(answer).to_contain_text("Excise")
    expect(answer).to_contain_text(reader)
    look(page)


def dana_amends(page: Page, case: Case, look: Look = nothing) -> None:
    """From the case's page, with a reason and the password."""
    page.goto(reverse("case-detail", args=[case.pk]))
    page.get_by_role("link", name="Amend").click()
    # Before its script runs, the form asks for the password by itself.
    arrived(page, page.get_by_label("Why is the answer amended?"))
    look(page)
    page.get_by_label("Why is the answer amended?").fill(
        "The patient asked for a smaller excision."
    )
    page.get_by_text("Biopsy", exact=True).click()
    page.get_by_role("button", name="Sign the amended answer").click()
    dialog = page.get_by_role("dialog", name="Is it you who signs?")
    expect(dialog).to_contain_text("Lesion 1: Melanoma, Biopsy")
    look(page)
    dialog.get_by_label("Your password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{reverse('case-detail', args=[case.pk])}")
    expect(page.get_by_role("region", name="Amended answer")).to_contain_text("Version 2")
    look(page)


def alice_hears_of_it(page: Page, case: Case, look: Look = nothing) -> None:
    """From the news of her start page; the first version is still to be read."""
    page.goto(reverse("home"))
    look(page)
    page.get_by_role("link", name=f"{case.reference} was amended").click()
    answer = page.get_by_role("region", name="Amended answer")
    expect(answer).to_contain_text("The patient asked for a smaller excision.")
    expect(answer).to_contain_text("Biopsy")
    look(page)
    page.goto(reverse("home"))
    expect(page.get_by_role("link", name=f"{case.reference} was amended")).to_have_count(0)


def alice_records_pathology(page: Page, case: Case, look: Look = nothing) -> None:
    """The laboratory's letter; everybody is then shown right or wrong."""
    page.goto(reverse("case-detail", args=[case.pk]))
    page.get_by_role("link", name="Record pathology of lesion 1").click()
    arrived(page, page.get_by_role("button", name="Record the result"))
    look(page)
    diagnosis = page.locator("input[role='combobox']")  # not the list that it takes the place of
    diagnosis.fill("melanoma")
    page.get_by_role("option", name=re.compile("^Melanoma")).first.click()
    page.get_by_label("Report", exact=False).last.fill(HISTOLOGY)
    page.get_by_role("button", name="Record the result").click()
    page.wait_for_url(f"**{reverse('case-detail', args=[case.pk])}")
    found = page.get_by_role("article", name="Pathology of lesion 1")
    expect(found).to_contain_text(HISTOLOGY)
    look(page)
