"""Handing out exports: to whom, with what length, noted, and for how long."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Organisation, Role, User
from accounts.services import grant_role
from clinic.models import DatasetDownload, DatasetExport
from clinic.tasks import write_exports_task
from tests.api.senders import V1, person
from tests.cast import signed_in
from tests.clinic.exported import files_in, pictured_version, withdraw, written
from tests.dataset_factories import an_export

pytestmark = pytest.mark.django_db


def test_the_zip_has_the_length_that_was_announced_and_no_cache_keeps_it(
    northside: Organisation, ada: User
) -> None:
    export = written(pictured_version(northside), ada)
    answer = signed_in(ada).get(reverse("export-download", args=[export.pk]))
    content = b"".join(answer.streaming_content)
    assert len(content) == int(answer["Content-Length"]) == export.size_bytes
    assert answer["Content-Type"] == "application/zip"
    assert answer["Content-Disposition"] == 'attachment; filename="nevi-of-spring-v1-isic.zip"'
    assert set(answer["Cache-Control"].split(", ")) == {"private", "no-store"}


def test_each_download_is_noted_and_asking_for_its_length_is_none(
    northside: Organisation, ada: User
) -> None:
    export = written(pictured_version(northside), ada)
    address = reverse("export-download", args=[export.pk])
    asked = signed_in(ada).head(address)
    assert int(asked["Content-Length"]) == export.size_bytes
    assert not DatasetDownload.objects.exists()
    signed_in(ada).get(address, REMOTE_ADDR="192.0.2.7")
    noted = DatasetDownload.objects.get()
    assert (noted.user, noted.export, noted.address) == (ada, export, "192.0.2.7")
    assert noted.path == "nevi-of-spring-v1-isic.zip"
    page = signed_in(ada).get(reverse("dataset-exports", args=[export.version_id]))
    assert "Ada Adeyemi: nevi-of-spring-v1-isic.zip" in page.content.decode()


def test_plain_files_have_a_page_with_a_link_each(northside: Organisation, ada: User) -> None:
    export = written(pictured_version(northside), ada, delivery="files")
    browser = signed_in(ada)
    page = browser.get(reverse("export-files", args=[export.pk])).content.decode()
    expected = files_in(export)
    for file in export.files.all():
        address = reverse("export-file", args=[export.pk, file.pk])
        assert f'href="{address}"' in page
        answer = browser.get(address)
        assert b"".join(answer.streaming_content) == expected[file.path]
        assert int(answer["Content-Length"]) == file.size_bytes
        assert answer["Content-Type"].split(";")[0] == file.media_type
    assert DatasetDownload.objects.count() == len(expected)
    assert "s3://" not in page, "there is no bucket here"


def test_where_there_is_a_bucket_the_page_says_the_place(
    northside: Organisation, ada: User, settings: Any
) -> None:
    settings.STORAGE_BUCKET = "clinic-images"
    export = written(pictured_version(northside), ada, delivery="files")
    page = signed_in(ada).get(reverse("export-files", args=[export.pk])).content.decode()
    assert f"s3://clinic-images/{export.prefix}/" in page


def test_a_file_of_another_export_is_not_found_under_this_one(
    northside: Organisation, ada: User
) -> None:
    one = written(pictured_version(northside), ada, delivery="files")
    other = written(pictured_version(northside), ada, delivery="files")
    stray = reverse("export-file", args=[one.pk, other.files.earliest("path").pk])
    assert signed_in(ada).get(stray).status_code == 404


def test_an_administrator_of_one_of_two_organisations_gets_nothing(
    northside: Organisation, southside: Organisation, ada: User
) -> None:
    export = written(pictured_version(northside), ada)
    export.version.organisations.add(southside)
    address = reverse("export-download", args=[export.pk])
    assert signed_in(ada).get(address).status_code == 404
    grant_role(user=ada, organisation=southside, role=Role.ADMINISTRATOR)
    assert signed_in(ada).get(address).status_code == 200


@pytest.mark.parametrize("why", ["time", "consent"])
def test_what_is_over_is_gone_with_a_sentence(why: str, northside: Organisation, ada: User) -> None:
    zipped = written(pictured_version(northside), ada)
    plain = written(zipped.version, ada, delivery="files")
    file = plain.files.earliest("path")
    if why == "consent":
        withdraw(zipped.version.rows.earliest("number"))
    else:
        DatasetExport.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    sentence = "A patient has withdrawn consent" if why == "consent" else "has expired"
    for address in (
        reverse("export-download", args=[zipped.pk]),
        reverse("export-files", args=[plain.pk]),
        reverse("export-file", args=[plain.pk, file.pk]),
        reverse("api-dataset-export-download", args=[zipped.pk]),
        reverse("api-dataset-export-files", args=[plain.pk]),
        reverse("api-dataset-export-file", args=[plain.pk]) + f"?path={file.path}",
    ):
        answer = signed_in(ada).get(address)
        assert answer.status_code == 410, address
        assert sentence in answer.content.decode()
    assert not DatasetDownload.objects.exists()
    page = signed_in(ada).get(reverse("dataset-exports", args=[zipped.version_id]))
    assert "Expired" in page.content.decode()


def test_what_is_not_ready_is_a_conflict(northside: Organisation, ada: User) -> None:
    export = an_export(pictured_version(northside))
    answer = signed_in(ada).get(reverse("export-download", args=[export.pk]))
    assert answer.status_code == 409
    assert "cannot be downloaded: waiting" in answer.content.decode()


@pytest.mark.parametrize("consent", ["training", "sharing"])
def test_the_page_says_what_the_patients_agreed_to(
    consent: str, northside: Organisation, ada: User
) -> None:
    header = {"description": {"consent": consent}}
    version = pictured_version(northside, header=header)
    page = signed_in(ada).get(reverse("dataset-exports", args=[version.pk])).content.decode()
    assert ("do not pass an export on" in page) == (consent == "training")


def test_the_list_costs_no_more_with_every_export(northside: Organisation, ada: User) -> None:
    version = pictured_version(northside)
    browser, address = signed_in(ada), reverse("dataset-exports", args=[version.pk])

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            browser.get(address)
        return len(queries)

    an_export(version, state="cancelled")
    one = cost()
    for _ in range(10):
        export = an_export(version, state="cancelled")
        DatasetDownload.objects.create(export=export, user=ada, path="a.zip")
    assert cost() == one <= 20


def test_by_api_it_is_asked_for_watched_and_fetched(northside: Organisation, ada: User) -> None:
    version, sender = pictured_version(northside), person(ada)
    body = {"format": "monai", "delivery": "files"}
    asked = sender.post(f"/dataset-versions/{version.pk}/exports/", body)
    assert asked.status_code == 201
    path = urlsplit(asked["Location"]).path.removeprefix(V1)
    assert sender.get(path).json()["state"] == "queued"
    assert sender.get(path).json()["download"] is None
    assert write_exports_task()
    ready = sender.get(path).json()
    assert (ready["state"], ready["done"]) == ("succeeded", ready["total"])
    listed = sender.get(urlsplit(ready["download"]).path.removeprefix(V1)).json()["results"]
    expected = files_in(DatasetExport.objects.get())
    assert [file["path"] for file in listed] == sorted(expected)
    for file in listed:
        answer = signed_in(ada).get(file["address"])
        assert b"".join(answer.streaming_content) == expected[file["path"]]
    again = sender.post(f"/dataset-versions/{version.pk}/exports/", body)
    assert again.json()["id"] == ready["id"]


def test_the_api_refuses_a_format_that_does_not_exist(northside: Organisation, ada: User) -> None:
    version = pictured_version(northside)
    answer = person(ada).post(f"/dataset-versions/{version.pk}/exports/", {"format": "fax"})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "#/format"
