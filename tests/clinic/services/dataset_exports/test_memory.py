"""However large a picture, an export holds a piece of it."""

import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import Organisation, User
from clinic.models import DatasetExport
from clinic.services.dataset_exports import archive_pieces, request_export
from clinic.services.dataset_exports.stored import PIECE
from clinic.tasks import write_exports_task
from tests.clinic.exported import pictured_version, written

pytestmark = pytest.mark.django_db

LARGE = 20_000_000


def peak_of(work: Callable[[], Any]) -> int:
    """Most bytes of Python's heap beyond what there was before."""
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        work()
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


def consumed(export: DatasetExport) -> int:
    return sum(len(piece) for piece in archive_pieces(export))


@pytest.fixture
def large(northside: Organisation) -> Any:
    return pictured_version(northside, contents=[bytes(LARGE), bytes(LARGE - 1)])


def test_a_zip_never_holds_a_picture_of_twenty_megabytes(large: Any, ada: User) -> None:
    export = written(large, ada)
    consumed(export)  # what is loaded once and stays is not the zip's
    assert peak_of(lambda: consumed(export)) < 4 * PIECE < LARGE / 4


def test_plain_files_are_copied_in_pieces(large: Any, ada: User) -> None:
    written(large, ada, "manifest", "files")
    request_export(version=large, format="isic", delivery="files", actor=ada)
    assert peak_of(write_exports_task) < 4 * PIECE < LARGE / 4


def test_a_zip_of_many_pictures_remembers_little_of_each(
    northside: Organisation, ada: User
) -> None:
    """The end of a zip lists its members: their names and places, about 1 kB each."""
    few = written(pictured_version(northside, 10), ada)
    many = written(pictured_version(northside, 210), ada)
    consumed(few)
    growth = peak_of(lambda: consumed(many)) - peak_of(lambda: consumed(few))
    assert growth / 200 < 3_000
