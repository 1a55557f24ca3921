"""Exports on the page of a version: chosen, watched, fetched, at every width and by keyboard."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Organisation, User
from clinic.models import DatasetExport, DatasetVersion, ExportState
from clinic.services import load_taxonomy
from clinic.services.dataset_exports import claim_export
from clinic.services.taxonomy import TAXONOMY_DIR
from clinic.tasks import write_exports_task
from tests.clinic.exported import let_leases_run_out, pictured_version, written
from tests.dataset_factories import an_export

pytestmark = pytest.mark.browser
SignedIn = Callable[..., Page]
WIDTHS = (1440, 820, 390)


@pytest.fixture
def version(transactional_db: None, northside: Organisation) -> DatasetVersion:
    load_taxonomy(path=TAXONOMY_DIR / "2026.1.json")
    return pictured_version(northside, 3)


def of_each_state(version: DatasetVersion, ada: User) -> None:
    """One of everything that the list can show."""
    written(version, ada, "isic", "files")
    written(version, ada, "monai", "zip")
    why = "The image images/I-1.jpg is not in storage. Tell whoever looks after it."
    an_export(version, requested_by=ada, format="coco", state="failed", reason=why)
    an_export(version, requested_by=ada, format="masks", state="cancelled")
    an_export(version, requested_by=ada, format="croissant", state="expired")
    an_export(version, requested_by=ada, format="huggingface")
    claim = claim_export()
    assert claim is not None
    DatasetExport.objects.filter(pk=claim.export.pk).update(done=1203, total=5004)


def test_an_export_is_asked_for_watched_and_fetched_without_leaving_the_page(
    signed_in: SignedIn, version: DatasetVersion, ada: User, tmp_path: Path
) -> None:
    page = signed_in(ada)
    page.goto(f"/data-sets/versions/{version.pk}/exports/")
    page.get_by_role("radio", name="MONAI").check()
    page.get_by_role("button", name="Write the export").click()
    row = page.locator(".export-row")
    expect(row).to_contain_text("MONAI, one zip file")
    expect(row).to_contain_text("Waiting")
    expect(page.locator("#exports-heard")).to_have_text("1 export being written.")
    expect(page.get_by_role("radio", name="MONAI")).to_be_checked()

    assert write_exports_task() is True
    expect(row).to_contain_text("Ready")
    expect(row).to_contain_text("Expires in")
    assert page.locator("#export-list").get_attribute("hx-get") is None, "it asks no longer"
    with page.expect_download() as fetched:
        row.get_by_role("link", name="Download").click()
    assert fetched.value.suggested_filename == "nevi-of-spring-v1-monai.zip"
    fetched.value.save_as(tmp_path / "a.zip")
    with ZipFile(BytesIO((tmp_path / "a.zip").read_bytes())) as archive:
        assert archive.testzip() is None
        assert sum(name.endswith(".jpg") for name in archive.namelist()) == 3
    page.reload()
    page.get_by_text("1 download").click()
    expect(row).to_contain_text("Ada Adeyemi: nevi-of-spring-v1-monai.zip")


def test_by_keyboard_it_is_cancelled_and_the_focus_is_not_lost_while_it_is_watched(
    signed_in: SignedIn, version: DatasetVersion, ada: User
) -> None:
    an_export(version, requested_by=ada)
    page = signed_in(ada)
    page.goto(f"/data-sets/versions/{version.pk}/exports/")
    cancel = page.get_by_role("button", name="Cancel")
    cancel.focus()
    with page.expect_response(lambda answer: answer.url.endswith("/exports/")):
        pass
    expect(cancel).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".export-row")).to_contain_text("Cancelled")
    assert DatasetExport.objects.get().state == ExportState.CANCELLED


def test_one_that_failed_says_why_and_is_tried_again(
    signed_in: SignedIn, version: DatasetVersion, ada: User
) -> None:
    an_export(version, requested_by=ada, state="failed", reason="There was no room.")
    page = signed_in(ada)
    page.goto(f"/data-sets/versions/{version.pk}/exports/")
    expect(page.locator(".export-row")).to_contain_text("There was no room.")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".export-row")).to_contain_text("Waiting")
    assert write_exports_task() is True
    expect(page.locator(".export-row")).to_contain_text("Ready")


def test_without_a_script_the_same_is_done_by_pages(
    signed_in: SignedIn, version: DatasetVersion, ada: User
) -> None:
    page = signed_in(ada, java_script_enabled=False)
    page.goto(f"/data-sets/versions/{version.pk}/exports/")
    page.get_by_role("radio", name="Plain files").check()
    page.get_by_role("button", name="Write the export").click()
    page.get_by_role("link", name="See how far it is now").click()
    expect(page.locator(".export-row")).to_contain_text("Waiting")
    assert write_exports_task() is True
    page.reload()
    page.get_by_role("link", name="Show the files").click()
    expect(page.get_by_role("link", name="manifest.jsonl")).to_be_visible()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_it_at_every_width(
    width: int, scheme: str, signed_in: SignedIn, version: DatasetVersion, ada: User,
    assert_accessible: Callable[..., None],
) -> None:  # fmt: skip
    of_each_state(version, ada)
    page = signed_in(ada, width=width, color_scheme=scheme)
    for address in (
        f"/data-sets/versions/{version.pk}/exports/",
        f"/data-sets/versions/{version.pk}/",
        f"/data-sets/exports/{DatasetExport.objects.get(delivery='files').pk}/files/",
    ):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert_accessible(page)
    let_leases_run_out()
