"""The same in a private bucket: written, copied inside it, zipped, removed."""

import pytest
from django.conf import LazySettings

from accounts.models import Organisation, User
from clinic.models import DatasetExport, ExportState
from clinic.services.dataset_exports import request_export
from clinic.tasks import sweep_exports_task, write_exports_task
from config.embedded.object_store import Bucket
from tests.cast import signed_in
from tests.clinic.exported import files_in, pictured_version, withdraw, written
from tests.clinic.imaging.pictures import jpeg

pytestmark = [pytest.mark.django_db, pytest.mark.s3]


@pytest.fixture
def bucket(s3_bucket: Bucket, settings: LazySettings) -> Bucket:
    """The default storage is this bucket, as production sets it."""
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "clinic.storage.PrivateS3Storage",
            "OPTIONS": {
                "bucket_name": s3_bucket.name,
                "region_name": s3_bucket.region,
                "endpoint_url": s3_bucket.endpoint,
                "access_key": s3_bucket.access_key,
                "secret_key": s3_bucket.secret_key,
                "object_parameters": {"ServerSideEncryption": "AES256"},
            },
        }
    }
    return s3_bucket


def keys_below(bucket: Bucket, prefix: str) -> list[str]:
    found = bucket.client().list_objects_v2(Bucket=bucket.name, Prefix=prefix)
    return [each["Key"] for each in found.get("Contents", [])]


@pytest.mark.parametrize("delivery", ["zip", "files"])
def test_it_is_written_encrypted_read_back_and_removed(
    delivery: str, bucket: Bucket, northside: Organisation, ada: User
) -> None:
    contents = [jpeg(64, 48, quality=quality) for quality in (70, 80, 90)]
    version = pictured_version(northside, contents=contents)
    export = written(version, ada, "huggingface", delivery)
    found = files_in(export)
    assert sorted(content for name, content in found.items() if name.endswith(".jpg")) == sorted(
        contents
    )
    stored = keys_below(bucket, export.prefix)
    assert len(stored) == (7 if delivery == "files" else 4)
    for key in stored:
        head = bucket.client().head_object(Bucket=bucket.name, Key=key)
        assert head["ServerSideEncryption"] == "AES256"
    withdraw(version.rows.get(number=1))
    assert sweep_exports_task().endswith("1 removed")
    assert keys_below(bucket, export.prefix) == []


def test_a_document_of_many_parts_arrives_whole(
    bucket: Bucket, northside: Organisation, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    from clinic.services.dataset_exports.stored import pieces_of, save_pieces

    pieces = [bytes([number]) * 3_000_001 for number in range(7)]
    heard: list[None] = []
    size = save_pieces("exports/a", iter(pieces), on_piece=lambda: heard.append(None))
    assert (size, len(heard)) == (21_000_007, 7)
    assert b"".join(pieces_of("exports/a")) == b"".join(pieces)
    with pytest.raises(FileNotFoundError):
        b"".join(pieces_of("exports/b"))


def test_a_picture_that_is_not_in_the_bucket_fails_the_export(
    bucket: Bucket, northside: Organisation, ada: User
) -> None:
    version = pictured_version(northside, 2)
    stored = version.rows.select_related("source").get(number=1).source.file.name
    bucket.client().delete_object(Bucket=bucket.name, Key=stored)
    request_export(version=version, format="isic", delivery="files", actor=ada)
    assert write_exports_task() is False
    export = DatasetExport.objects.get()
    assert export.state == ExportState.FAILED
    assert "is not in storage" in export.reason


def test_where_storage_hands_out_files_a_download_is_sent_there_for_a_minute(
    bucket: Bucket, northside: Organisation, ada: User, settings: LazySettings
) -> None:
    settings.STORAGE_REDIRECT = True
    export = written(pictured_version(northside, 1), ada, "manifest", "files")
    file = export.files.get(path="manifest.jsonl")
    answer = signed_in(ada).get(f"/data-sets/exports/{export.pk}/files/{file.pk}/")
    assert answer.status_code == 302
    assert answer["Location"].startswith(f"{bucket.endpoint}/{bucket.name}/{export.prefix}/")
    assert "X-Amz-Expires=60" in answer["Location"]
    assert "response-content-disposition=attachment" in answer["Location"]
    assert "no-store" in answer["Cache-Control"]
    assert export.downloads.count() == 1
