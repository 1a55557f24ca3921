"""The rows of a frozen version, as they leave the house."""

from collections.abc import Iterator
from datetime import date

from django.db.models import QuerySet

from clinic.datasets.manifest import ManifestRow, Tombstone
from clinic.models import DatasetRow, DatasetVersion

ROWS_AT_ONCE = 500


def manifest_rows(version: DatasetVersion, *, after: int = 0) -> Iterator[ManifestRow | Tombstone]:
    """Every row in the order of its number; a tombstone where consent was withdrawn.

    `after` leaves out the rows up to that number.

    One query with a server-side cursor: memory is flat, whatever the number of rows.
    """
    rows = (
        version.rows.filter(number__gt=after)
        .order_by("number")
        .values_list(*ManifestRow._fields, "tombstone__withdrawn_on")
    )
    make = ManifestRow._make
    for *columns, withdrawn_on in rows.iterator(chunk_size=ROWS_AT_ONCE):
        if withdrawn_on is None:
            yield make(columns)
        else:
            yield _tombstone(columns[0], withdrawn_on)


def open_rows(version: DatasetVersion) -> QuerySet[DatasetRow]:
    """The rows that may still be used."""
    return version.rows.filter(tombstone__isnull=True).order_by("number")


def _tombstone(number: int, withdrawn_on: date) -> Tombstone:
    return Tombstone(number, withdrawn_on.isoformat())
