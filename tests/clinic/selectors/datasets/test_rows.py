"""The rows of a frozen version leave the database in order, in one query, a few at a time."""

import tracemalloc
import uuid

import pytest
from pytest_django import DjangoAssertNumQueries

from clinic.datasets.formats import FORMATS
from clinic.datasets.manifest import ManifestRow, Tombstone
from clinic.models import DatasetRow, DatasetTombstone, DatasetVersion, LesionImage
from clinic.selectors.datasets import manifest_rows
from clinic.selectors.frozen_versions import frozen_version
from tests.dataset_factories import a_dataset, row_of
from tests.factories import LesionImageFactory

pytestmark = pytest.mark.django_db
ROWS = 3000
MOST_HEAP = 5 * 2**20


@pytest.fixture
def version() -> DatasetVersion:
    """Many images of one case."""
    first = LesionImageFactory()
    fields = {field.attname: getattr(first, field.attname) for field in first._meta.fields}
    copies = [
        LesionImage(**fields | {"id": uuid.uuid4(), "sha256": uuid.uuid4().hex * 2})
        for _ in range(ROWS)
    ]
    images = LesionImage.objects.bulk_create(copies)
    key = uuid.uuid4()
    DatasetRow.objects.bulk_create(
        DatasetRow(version_id=key, **row_of(image, number))
        for number, image in enumerate(images, start=1)
    )
    version = DatasetVersion.objects.create(
        id=key, dataset=a_dataset(first.case.organisation), header={"seed": 1}, seed=1,
        digest="0" * 64, split_digest="0" * 64, taxonomy_version="2026.1", image_count=ROWS,
        lesion_count=1, patient_count=1,
    )  # fmt: skip
    version.organisations.set([first.case.organisation])
    return version


def test_rows_come_in_order_by_one_query(
    version: DatasetVersion, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    DatasetTombstone.objects.create(row=version.rows.get(number=7), withdrawn_on="2026-01-31")
    with django_assert_num_queries(1):
        rows = list(manifest_rows(version))
    assert [row.number for row in rows] == list(range(1, ROWS + 1))
    assert rows[6] == Tombstone(7, "2026-01-31")
    assert sum(isinstance(row, ManifestRow) for row in rows) == ROWS - 1


def test_manifest_and_csv_hold_a_few_rows_at_a_time(version: DatasetVersion) -> None:
    frozen = frozen_version(version)

    def write() -> int:
        return sum(
            len(piece)
            for key, path in (("manifest", "manifest.jsonl"), ("isic", "metadata.csv"))
            for file in FORMATS[key].documents(frozen)
            if file.path == path
            for piece in file.pieces()
        )

    assert write() > 100 * ROWS  # modules and caches are there
    tracemalloc.start()
    idle = tracemalloc.get_traced_memory()[0]
    write()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak - idle < MOST_HEAP
