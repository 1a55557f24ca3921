"""Sealing, freezing, and what stands on a version's page."""

import re
from dataclasses import fields
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Organisation, User
from clinic.models import DatasetVersion, LesionImage, SealedTestSet
from clinic.services.datasets import (
    freeze_dataset,
    open_sealed_test_set,
    record_research_consent,
)
from tests.cast import signed_in
from tests.clinic.dataset_record import a_reader, a_record, signed_image
from tests.clinic.views.datasets.sending import LIST, dataset_of, frozen, words

pytestmark = pytest.mark.django_db
MOST_QUERIES = 20


@pytest.fixture
def record(northside: Organisation) -> list[LesionImage]:
    return a_record(northside, 30)


@pytest.fixture
def browser(ada: User) -> Client:
    return signed_in(ada)


def sealed_address(organisation: Organisation) -> str:
    return reverse("sealed-test-set", args=[organisation.pk])


def test_the_test_set_comes_before_the_first_version(
    northside: Organisation, ada: User, browser: Client, record: list[LesionImage]
) -> None:
    dataset = dataset_of(northside, ada)
    page = browser.get(reverse("dataset-detail", args=[dataset.pk]))
    assert "Seal the test set first" in words(page)
    assert f"{sealed_address(northside)}?dataset={dataset.pk}" in page.content.decode()
    freeze = reverse("dataset-freeze", args=[dataset.pk])
    asked = browser.get(freeze)
    assert "Northside Hospital has no sealed test set yet." in words(asked)
    assert 'type="submit">' not in asked.content.decode().split("<main", 1)[1]
    refused = browser.post(freeze, headers={"accept": "text/html"})
    assert refused.status_code == 409
    assert "has no sealed test set yet" in words(refused)
    assert not DatasetVersion.objects.exists()


def test_sealing_says_how_many_there_are_and_leads_back(
    northside: Organisation, ada: User, browser: Client, record: list[LesionImage]
) -> None:
    dataset = dataset_of(northside, ada)
    address = f"{sealed_address(northside)}?dataset={dataset.pk}"
    assert "Today 30 patients with 30 signed and consented images" in words(browser.get(address))
    response = browser.post(address, {"share": "20", "seed": "4"})
    assert response["Location"] == reverse("dataset-detail", args=[dataset.pk])
    test_set = SealedTestSet.objects.get()
    assert (test_set.share, test_set.version.seed, test_set.sealed_by) == (0.2, 4, ada)
    # A second click changes nothing.
    assert browser.post(address, {"share": "40", "seed": "5"}).status_code == 302
    assert SealedTestSet.objects.get().share == 0.2
    page = words(browser.get(response["Location"]))
    assert f"Sealed just now, {test_set.version.patient_count} patients" in page


@pytest.mark.parametrize("share", ["0", "4.9", "51", "100", "", "half"])
def test_a_share_that_leaves_too_little_is_refused_at_its_field(
    share: str, northside: Organisation, browser: Client, record: list[LesionImage]
) -> None:
    response = browser.post(sealed_address(northside), {"share": share, "seed": "1"})
    assert response.status_code == 422
    assert response.context["form"].errors == {
        "share": ["The share is from 5 to 50 % of the patients."]
    }
    assert not SealedTestSet.objects.exists()


def test_there_is_nothing_to_seal_where_nobody_consented(
    northside: Organisation, browser: Client
) -> None:
    signed_image(northside, reader=a_reader(northside), consent="not_asked")
    page = browser.get(sealed_address(northside))
    assert "There is nobody to draw from yet" in words(page)
    assert "aside for good" not in words(page)


def test_every_use_of_the_sealed_test_set_stands_on_its_page(
    northside: Organisation, ada: User, browser: Client, record: list[LesionImage]
) -> None:
    frozen(northside, ada)
    page = words(browser.get(sealed_address(northside)))
    assert "It has not been used yet." in page
    assert "20 % of the patients, drawn with seed 1" in page
    test_set = SealedTestSet.objects.get()
    open_sealed_test_set(test_set=test_set, purpose="Compared resnet18 with vit", actor=ada)
    open_sealed_test_set(test_set=test_set, purpose="Nightly measure", actor=None)
    page = words(browser.get(sealed_address(northside)))
    images = test_set.version.image_count
    assert f"Ada Adeyemi Compared resnet18 with vit {images}" in page
    assert f"By itself Nightly measure {images}" in page
    # Looking at the page is no use of it, and shows no row.
    assert test_set.uses.count() == 2
    for row in test_set.version.rows.all():
        assert row.image not in page


def test_freezing_says_what_it_means_and_makes_one_version(
    northside: Organisation, ada: User, browser: Client, record: list[LesionImage]
) -> None:
    version = frozen(northside, ada)
    dataset = version.dataset
    assert dataset is not None
    signed_image(northside, "dermatofibroma", reader=a_reader(northside))
    address = reverse("dataset-freeze", args=[dataset.pk])
    page = words(browser.get(address))
    assert "Freezing makes a version that never changes" in page
    assert (
        f"Freeze {version.image_count + 1} images of {version.patient_count + 1} patients" in page
    )
    first = browser.post(address)
    second = browser.post(address)
    assert first["Location"] == second["Location"]
    assert list(dataset.versions.order_by("number").values_list("number", flat=True)) == [1, 2]
    said = words(browser.get(second["Location"]))
    assert "Version 2 is frozen." in said
    assert "Nothing in the record has changed since version 2" in said


def test_an_empty_description_has_nothing_to_freeze(
    northside: Organisation, ada: User, browser: Client, record: list[LesionImage]
) -> None:
    frozen(northside, ada)
    empty = dataset_of(northside, ada, signed_to=date(1999, 12, 31))
    address = reverse("dataset-freeze", args=[empty.pk])
    page = words(browser.get(address))
    assert "there is nothing to freeze" in page
    assert "Signed on another day" in page
    assert browser.post(address).status_code == 409
    assert not empty.versions.exists()


def test_a_version_says_what_proves_it_and_what_it_holds(
    northside: Organisation, ada: User, browser: Client, record: list[LesionImage]
) -> None:
    version = frozen(northside, ada)
    response = browser.get(reverse("dataset-version", args=[version.pk]))
    page = words(response)
    for said in (version.digest, version.split_digest, "sha256sum manifest.jsonl", "2026.1"):
        assert said in page
    assert f"Images {version.image_count}" in page
    picture = response.context["picture"]
    by = {table.key: {bar.label: bar.images for bar in table.rows} for table in picture.tables}
    assert by["label"]["Melanocytic nevus"] == version.counts["label"]["nv"]
    assert sum(by["split"].values()) == version.image_count
    assert sum(by["age"].values()) == version.image_count
    assert sum(row.total for row in picture.sex_by_class) == version.image_count
    assert sum(
        (row.ages.n if row.ages else 0) + row.unknown for row in picture.age_by_class
    ) == version.image_count  # fmt: skip


def test_the_preview_and_the_version_that_came_of_it_agree(
    northside: Organisation, ada: User, browser: Client, record: list[LesionImage]
) -> None:
    version = frozen(northside, ada)
    assert version.dataset is not None
    freeze = browser.get(reverse("dataset-freeze", args=[version.dataset.pk]))
    page = browser.get(reverse("dataset-version", args=[version.pk]))
    before, after = (response.context["picture"] for response in (freeze, page))
    for part in fields(before):
        if part.name != "contents":
            assert getattr(before, part.name) == getattr(after, part.name), part.name


def test_rows_are_pseudonyms_and_one_page_follows_the_other(
    northside: Organisation, ada: User, browser: Client, record: list[LesionImage]
) -> None:
    a_record(northside, 30)
    version = frozen(northside, ada)
    address, seen = reverse("dataset-version", args=[version.pk]), []
    query: str | None = ""
    while query is not None:
        response = browser.get(address + query)
        page = response.context["page"]
        seen += [row.number for row in page.rows]
        body = response.content.decode()
        for row in page.rows:
            assert row.patient in body
            patient = row.source.case.patient
            for secret in (patient.family_name, patient.medical_record_number, str(patient.pk),
                           str(row.source_id)):  # fmt: skip
                assert secret not in body
        query = page.older_url
    assert seen == list(range(1, version.image_count + 1))
    assert version.image_count > 25
    assert browser.get(f"{address}?page=nonsense").status_code == 200


def test_a_withdrawn_row_is_an_empty_line(
    northside: Organisation, ada: User, alice: User, browser: Client, record: list[LesionImage]
) -> None:
    version = frozen(northside, ada)
    row = version.rows.first()
    assert row is not None
    record_research_consent(patient=row.source.case.patient, consent="withdrawn", actor=alice)
    response = browser.get(reverse("dataset-version", args=[version.pk]))
    assert "1 row withdrawn" in words(response)
    assert re.search(rf"\b{row.number} Withdrawn on \d", words(response))
    assert row.image not in response.content.decode()
    assert row.patient not in response.content.decode()


def test_the_sealed_version_has_no_page_of_rows(
    northside: Organisation, ada: User, browser: Client, record: list[LesionImage]
) -> None:
    frozen(northside, ada)
    sealed = SealedTestSet.objects.get().version
    assert browser.get(reverse("dataset-version", args=[sealed.pk])).status_code == 404


def test_the_list_names_versions_digests_and_test_sets(
    northside: Organisation, ada: User, browser: Client, record: list[LesionImage]
) -> None:
    assert "No data set yet" in words(browser.get(LIST))
    assert "Not sealed yet" in words(browser.get(LIST))
    version = frozen(northside, ada)
    response = browser.get(LIST)
    assert f"Version 1 {version.image_count} {version.patient_count} 3 just now" in words(response)
    assert f'title="SHA-256 {version.digest}">{version.digest[:12]}<' in response.content.decode()


def test_no_page_asks_the_database_more_than_twenty_times(
    northside: Organisation, ada: User, record: list[LesionImage]
) -> None:
    version = frozen(northside, ada)
    assert version.dataset is not None
    for number in range(3):
        signed_image(northside, reader=a_reader(northside))
        freeze_dataset(dataset=version.dataset, actor=ada)
        dataset_of(northside, ada, seed=number)
    addresses = [
        LIST,
        reverse("dataset-create"),
        *(reverse(name, args=[version.dataset.pk])
          for name in ("dataset-detail", "dataset-edit", "dataset-freeze")),
        reverse("dataset-version", args=[version.pk]),
        sealed_address(northside),
    ]  # fmt: skip
    counted = {}
    for address in addresses:
        browser = signed_in(ada)
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(address).status_code == 200
        counted[address] = len(queries)
    assert max(counted.values()) <= MOST_QUERIES, counted
