"""What a worker writes: every format, both ways of handing it over."""

import json
import logging
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from accounts.errors import Conflict, InvalidInput, NotAllowed
from accounts.models import Organisation, Role, User
from accounts.services import grant_role
from clinic.datasets.formats import FORMATS
from clinic.models import ExportState
from clinic.services.dataset_exports import cancel_export, request_export, retry_export, write
from clinic.tasks import sweep_exports_task, write_exports_task
from tests.clinic.exported import files_in, pictured_version, withdraw, written
from tests.clinic.imaging.pictures import jpeg

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("delivery", ["zip", "files"])
@pytest.mark.parametrize("form", FORMATS.values(), ids=lambda form: form.key)
def test_every_format_is_written_with_the_pictures_it_says_it_has(
    form: Any, delivery: str, northside: Organisation, ada: User
) -> None:
    contents = [jpeg(64, 48, quality=quality) for quality in (70, 80, 90)]
    version = pictured_version(northside, contents=contents)
    export = written(version, ada, form.key, delivery)
    found = files_in(export)
    assert "README.md" in found
    pictures = [content for name, content in found.items() if name.endswith(".jpg")]
    assert sorted(pictures) == (sorted(contents) if form.has_images else [])
    assert export.done == export.total > 0
    if delivery == "files":
        assert export.size_bytes == sum(map(len, found.values()))


def test_a_zip_and_plain_files_hold_the_same(northside: Organisation, ada: User) -> None:
    version = pictured_version(northside, 4)
    zipped = files_in(written(version, ada, "huggingface", "zip"))
    assert zipped == files_in(written(version, ada, "huggingface", "files"))
    assert sum(name.startswith("train/") for name in zipped) == 3


def test_for_a_zip_no_picture_is_stored_a_second_time(northside: Organisation, ada: User) -> None:
    export = written(pictured_version(northside), ada, "isic", "zip")
    _, files = default_storage.listdir(export.prefix)
    folders, _ = default_storage.listdir(export.prefix)
    assert folders == []
    assert sorted(files) == sorted(export.files.values_list("path", flat=True))


def test_a_withdrawn_row_is_in_no_later_export(northside: Organisation, ada: User) -> None:
    version = pictured_version(northside, 3)
    row = version.rows.get(number=2)
    withdraw(row)
    for form in FORMATS:
        for delivery in ("zip", "files"):
            found = files_in(written(version, ada, form, delivery))
            assert not [name for name in found if row.image in name]
            assert not [name for name, content in found.items() if row.image.encode() in content]
            if form == "manifest":
                manifest = found["manifest.jsonl"].splitlines()
    assert json.loads(manifest[2]).keys() == {"number", "withdrawn_on"}


def test_asked_for_twice_it_is_written_once(northside: Organisation, ada: User) -> None:
    version = pictured_version(northside)
    first, second = (
        request_export(version=version, format="isic", delivery="zip", actor=ada) for _ in range(2)
    )
    other = request_export(version=version, format="isic", delivery="files", actor=ada)
    assert first == second != other
    assert write_exports_task()
    ready = request_export(version=version, format="isic", delivery="zip", actor=ada)
    assert (ready.pk, ready.state) == (first.pk, ExportState.SUCCEEDED)


def test_one_that_is_ready_stays_as_long_as_a_new_one_would(
    northside: Organisation, ada: User
) -> None:
    export = written(pictured_version(northside), ada)
    again = request_export(version=export.version, format="isic", delivery="zip", actor=ada)
    assert export.expires_at is not None
    assert again.expires_at is not None
    assert again.expires_at > export.expires_at


def test_only_administrators_of_every_organisation_may_ask(
    northside: Organisation, southside: Organisation, alice: User, dana: User, ada: User
) -> None:
    version = pictured_version(northside)
    for person in (alice, dana):
        with pytest.raises(NotAllowed):
            request_export(version=version, format="isic", delivery="zip", actor=person)
    both = pictured_version(northside)
    both.organisations.add(southside)
    with pytest.raises(NotAllowed):
        request_export(version=both, format="isic", delivery="zip", actor=ada)
    grant_role(user=ada, organisation=southside, role=Role.ADMINISTRATOR)
    ada = User.objects.get(pk=ada.pk)
    assert request_export(version=both, format="isic", delivery="zip", actor=ada).pk


def test_what_cannot_be_meant_is_refused(northside: Organisation, ada: User) -> None:
    version = pictured_version(northside, 1)
    with pytest.raises(InvalidInput, match="one of the formats"):
        request_export(version=version, format="fax", delivery="zip", actor=ada)
    with pytest.raises(InvalidInput, match="zip file or plain files"):
        request_export(version=version, format="isic", delivery="fax", actor=ada)
    withdraw(version.rows.get())
    with pytest.raises(Conflict, match="nothing is left"):
        request_export(version=version, format="isic", delivery="zip", actor=ada)


def test_a_picture_that_is_not_in_storage_fails_the_export_with_its_name_inside(
    northside: Organisation, ada: User, caplog: pytest.LogCaptureFixture
) -> None:
    version = pictured_version(northside)
    row = version.rows.select_related("source").get(number=2)
    content = jpeg(64, 48, quality=79)
    default_storage.delete(row.source.file.name)
    export = request_export(version=version, format="isic", delivery="files", actor=ada)
    with caplog.at_level(logging.ERROR):
        assert write_exports_task() is False
    export.refresh_from_db()
    assert export.state == ExportState.FAILED
    assert export.reason.startswith(f"The image images/{row.image}.jpg is not in storage.")

    # Somebody puts it back; the retry goes on from there.
    kept = set(export.files.values_list("pk", flat=True))
    default_storage.save(row.source.file.name, ContentFile(content))
    retry_export(export=export, actor=ada)
    assert write_exports_task() is True
    assert kept < set(export.files.values_list("pk", flat=True))
    export.refresh_from_db()
    assert len([name for name in files_in(export) if name.endswith(".jpg")]) == 3


def test_a_worker_without_the_library_says_which(
    northside: Organisation, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = request_export(
        version=pictured_version(northside), format="huggingface", delivery="zip", actor=ada
    )
    monkeypatch.setattr(write, "find_spec", lambda name: None)
    assert write_exports_task() is False
    export.refresh_from_db()
    assert export.reason == "This worker lacks pyarrow, which the format Hugging Face needs."


def test_cancelled_it_is_not_written_and_its_files_go(northside: Organisation, ada: User) -> None:
    export = request_export(
        version=pictured_version(northside), format="isic", delivery="zip", actor=ada
    )
    for _ in range(2):
        assert cancel_export(export=export, actor=ada).state == ExportState.CANCELLED
    assert write_exports_task() is False
    ready = written(export.version, ada)
    with pytest.raises(Conflict, match="finished"):
        cancel_export(export=ready, actor=ada)
    assert sweep_exports_task() == "0 given up, 0 expired, 0 removed"
    assert files_in(ready)
