"""Data sets in a browser: a preview that follows the fields, plots that say what tables say."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, Request, expect

from accounts.models import Organisation, User
from clinic.datasets.description import Description
from clinic.models import Dataset, DatasetVersion
from clinic.services import load_taxonomy
from clinic.services.datasets import describe_dataset, freeze_dataset, seal_test_set
from clinic.services.taxonomy import TAXONOMY_DIR
from tests.browser.statistics.test_plots import COLOURS, DRAWN, WRITTEN
from tests.browser.waiting import settled, until
from tests.browser.watch import PageWatch
from tests.clinic.dataset_record import a_record

pytestmark = pytest.mark.browser
SignedIn = Callable[..., Page]
WIDTHS = (1440, 820, 390)


@pytest.fixture(autouse=True)
def record(transactional_db: None, northside: Organisation) -> None:
    """The taxonomy, which an earlier test took away, and signed images."""
    load_taxonomy(path=TAXONOMY_DIR / "2026.1.json")
    a_record(northside, 36)


@pytest.fixture
def dataset(northside: Organisation, ada: User) -> Dataset:
    return describe_dataset(
        name="Nevi of spring",
        purpose="To train the next model.",
        organisations=[northside],
        description=Description(),
        actor=ada,
    )


@pytest.fixture
def version(northside: Organisation, ada: User, dataset: Dataset) -> DatasetVersion:
    seal_test_set(organisation=northside, share=0.2, seed=1, actor=ada)
    return freeze_dataset(dataset=dataset, actor=ada).version


def totals(page: Page) -> list[str]:
    return page.locator("#dataset-preview .totals dd").all_inner_texts()


def described(page: Page) -> Page:
    """The form with its first preview."""
    page.goto(reverse("dataset-create"))
    expect(page.locator("#dataset-preview .totals")).to_be_visible()
    settled(page)
    return page


def test_the_preview_follows_what_is_changed(signed_in: SignedIn, ada: User) -> None:
    page = described(signed_in(ada))
    assert totals(page) == ["36", "36", "36"]
    page.get_by_role("checkbox", name="Melanoma", exact=True).check()
    until(page, lambda: totals(page) == ["6", "6", "6"])
    page.get_by_role("checkbox", name="Adjudication").uncheck()
    page.get_by_role("checkbox", name="Two readers who agree").uncheck()
    page.get_by_role("checkbox", name="One reader").uncheck()
    until(page, lambda: totals(page)[0] not in {"36", "6"})
    drawn: dict[str, Any] = page.evaluate(DRAWN)
    assert drawn == page.evaluate(WRITTEN)
    assert list(drawn["plot-label"].values()) == [[int(totals(page)[0])]]


def test_a_quick_hand_asks_once_and_an_older_answer_never_comes_last(
    signed_in: SignedIn, ada: User
) -> None:
    page = described(signed_in(ada))
    asked: list[Request] = []
    page.on("request", lambda one: asked.append(one) if "/preview/" in one.url else None)
    names = ["Melanoma", "Melanocytic nevus", "Basal cell carcinoma"]
    for name in names:
        page.get_by_role("checkbox", name=name, exact=True).check()
    for name in names[1:]:
        page.get_by_role("checkbox", name=name, exact=True).uncheck()
    until(page, lambda: totals(page) == ["6", "6", "6"])
    settled(page)
    assert totals(page) == ["6", "6", "6"]
    # Five changes: without the pause there would be five requests.
    assert 1 <= len(asked) < 5


def test_a_mistake_waits_and_what_was_typed_stays(
    signed_in: SignedIn, ada: User, watch: PageWatch
) -> None:
    page = described(signed_in(ada))
    page.get_by_label("Name").fill("Half done")
    page.get_by_label("Validation (%)").fill("80")
    waits = page.locator("#dataset-preview .notice")
    expect(waits).to_contain_text("Training and validation together are more than all patients.")
    waits.get_by_role("link", name="Validation (%)").click()
    expect(page.get_by_label("Validation (%)")).to_be_focused()
    watch.allow("422")
    page.get_by_role("button", name="Save the description").click()
    summary = page.locator(".error-summary")
    expect(summary).to_be_focused()
    expect(page.get_by_label("Name")).to_have_value("Half done")
    page.get_by_label("Purpose").fill("To learn.")
    page.get_by_label("Validation (%)").fill("20")
    page.get_by_role("button", name="Save the description").click()
    expect(page.get_by_role("heading", name="Half done", level=1)).to_be_visible()
    expect(page.get_by_text("70 % training, 20 % validation, 10 % test")).to_be_visible()


def test_a_table_that_is_open_stays_open_and_the_focus_stays(
    signed_in: SignedIn, ada: User
) -> None:
    page = described(signed_in(ada))
    table = page.locator("#plot-label")
    page.locator("details[data-remember='plot-label'] summary").click()
    expect(table).to_be_visible()
    box = page.get_by_role("checkbox", name="Melanoma", exact=True)
    box.focus()
    page.keyboard.press("Space")
    until(page, lambda: totals(page) == ["6", "6", "6"])
    expect(table).to_be_visible()
    expect(box).to_be_focused()


def test_from_the_description_to_the_version_by_keyboard(
    signed_in: SignedIn, ada: User, dataset: Dataset
) -> None:
    page = signed_in(ada)
    page.goto(reverse("dataset-detail", args=[dataset.pk]))
    for name in ("Set patients aside…", "Set these patients aside for good", "Freeze…", "Freeze "):
        role: Any = "link" if name.endswith("…") else "button"
        page.get_by_role(role, name=name).focus()
        page.keyboard.press("Enter")
        page.wait_for_load_state()
    expect(page.get_by_role("heading", name="Nevi of spring, version 1")).to_be_visible()
    expect(page.get_by_text("Version 1 is frozen.")).to_be_visible()
    assert DatasetVersion.objects.filter(dataset=dataset).count() == 1


def test_a_double_click_freezes_once(
    signed_in: SignedIn, ada: User, northside: Organisation, dataset: Dataset
) -> None:
    seal_test_set(organisation=northside, share=0.2, seed=1, actor=ada)
    page = signed_in(ada)
    page.goto(reverse("dataset-freeze", args=[dataset.pk]))
    page.get_by_role("button", name="Freeze ").dblclick()
    expect(page.get_by_role("heading", name="Nevi of spring, version 1")).to_be_visible()
    settled(page)
    assert DatasetVersion.objects.filter(dataset=dataset).count() == 1


def test_without_a_script_there_is_a_button_for_the_preview(signed_in: SignedIn, ada: User) -> None:
    page = signed_in(ada, java_script_enabled=False)
    page.goto(reverse("dataset-create"))
    assert page.locator(".skeleton").is_hidden()
    page.get_by_label("Name").fill("By hand")
    page.get_by_role("checkbox", name="Melanoma", exact=True).check()
    page.get_by_role("button", name="Preview").click()
    assert totals(page) == ["6", "6", "6"]
    expect(page.get_by_label("Name")).to_have_value("By hand")
    page.locator("details[data-remember='plot-label'] summary").click()
    expect(page.get_by_role("table", name="Diagnoses: images")).to_be_visible()
    page.get_by_label("Purpose").fill("To learn.")
    page.get_by_role("button", name="Save the description").click()
    expect(page.get_by_role("heading", name="By hand")).to_be_visible()


def test_each_plot_of_a_version_draws_what_its_table_says(
    signed_in: SignedIn, ada: User, version: DatasetVersion
) -> None:
    page = signed_in(ada)
    page.goto(reverse("dataset-version", args=[version.pk]))
    expect(page.locator(".plot canvas").last).to_be_visible()
    drawn: dict[str, Any] = page.evaluate(DRAWN)
    assert drawn == page.evaluate(WRITTEN)
    assert set(drawn) == {
        "plot-label", "plot-split", "plot-label_source", "plot-confirmation", "plot-body_site",
        "plot-age", "plot-skin_type", "plot-sex", "plot-ages",
    }  # fmt: skip
    canvases = page.locator(".plot canvas")
    assert all(canvases.nth(n).evaluate(COLOURS) > 3 for n in range(len(drawn)))


def test_the_digest_can_be_copied(signed_in: SignedIn, ada: User, version: DatasetVersion) -> None:
    page = signed_in(ada, permissions=["clipboard-read", "clipboard-write"])
    page.goto(reverse("dataset-version", args=[version.pk]))
    page.get_by_role("button", name="Copy the digest").click()
    expect(page.get_by_text("Copied.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == version.digest


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_every_screen_reads_well(
    width: int,
    theme: str,
    signed_in: SignedIn,
    ada: User,
    northside: Organisation,
    version: DatasetVersion,
    assert_accessible: Callable[..., None],
) -> None:
    page = signed_in(ada, width=width, color_scheme=theme)
    assert version.dataset is not None
    for address in (
        reverse("dataset-list"),
        reverse("dataset-detail", args=[version.dataset.pk]),
        reverse("dataset-edit", args=[version.dataset.pk]),
        reverse("dataset-freeze", args=[version.dataset.pk]),
        reverse("dataset-version", args=[version.pk]),
        reverse("sealed-test-set", args=[northside.pk]),
    ):
        page.goto(address)
        settled(page)
        for summary in page.locator("details.plot-table > summary").all():
            summary.click()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
        assert_accessible(page)
