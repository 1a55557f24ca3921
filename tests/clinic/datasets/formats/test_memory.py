"""An export of twenty times the rows needs no more memory."""

import gc
import re
import tracemalloc
from collections.abc import Iterator

import pytest

from clinic.datasets.formats import FORMATS, ExportFile, steps
from clinic.datasets.manifest import ManifestRow
from tests.clinic.datasets.formats.frozen import frozen, make_row

FEW, MANY = 1_000, 20_000
NUMBERS = {"manifest.jsonl", "metadata.csv"}
"""What an export of 100,000 images is measured by; the others get by with fewer rows."""
LIMIT = 5 * 2**20
"""Bytes of Python heap above what there was."""
PATTERN = [make_row(number) for number in range(1, 41)]


def made_up(count: int) -> Iterator[ManifestRow]:
    for number in range(1, count + 1):
        yield ManifestRow._make((number, f"{number:020x}", *PATTERN[number % 40][2:]))


def peak(path: str, key: str, count: int) -> int:
    version = frozen(rows=lambda: made_up(count), regions=lambda rows: ())
    [file] = [file for file in FORMATS[key].documents(version) if file.path == path]
    return heap_of(file)


def heap_of(file: ExportFile) -> int:
    gc.collect()
    tracemalloc.start()
    try:
        idle = tracemalloc.get_traced_memory()[0]
        for _ in file.pieces():
            pass
        return tracemalloc.get_traced_memory()[1] - idle
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("key", "path"),
    [
        (key, file.path)
        for key, form in FORMATS.items()
        for file in form.documents(frozen())
        if (file.path != "README.md" or key == "manifest")
        and not {"test", "validation"} & set(re.split(r"\W|_", file.path))
    ],
)
def test_the_memory_of_a_document_does_not_grow_with_the_rows(key: str, path: str) -> None:
    peak(path, key, 10)  # modules and caches
    count = MANY if path in NUMBERS else MANY // 2
    few, many = peak(path, key, FEW), peak(path, key, count)
    assert many < LIMIT
    if path.endswith(".parquet"):  # a row group of 2,500 is held
        few = peak(path, key, 5 * FEW)
    assert many < 1.5 * few + 2**19  # some pieces, which few rows do not fill


def test_the_memory_of_the_steps_does_not_grow_with_the_rows() -> None:
    def needed(count: int) -> int:
        version = frozen(rows=lambda: made_up(count))
        gc.collect()
        tracemalloc.start()
        try:
            idle = tracemalloc.get_traced_memory()[0]
            for step in steps(version, FORMATS["monai"]):
                assert step.images
            return tracemalloc.get_traced_memory()[1] - idle
        finally:
            tracemalloc.stop()

    needed(10)
    assert needed(MANY) < 1.5 * needed(FEW) + 100_000
