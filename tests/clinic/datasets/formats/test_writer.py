"""What a job relies on: the same files each time, going on where it stopped, no withdrawn row."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from clinic.datasets.formats import FORMATS, STEP, ExportFormat, UnsafeValue, steps
from clinic.datasets.manifest import ManifestRow, Tombstone
from tests.clinic.datasets.formats.frozen import frozen, make_row, twelve_rows, write_export

formats = pytest.mark.parametrize("form", FORMATS.values(), ids=FORMATS)
KEPT = [row for row in twelve_rows() if isinstance(row, ManifestRow)]


def words_of(folder: Path) -> str:
    """The names and the content of all files, as text; Parquet is read."""
    words = []
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        words.append(path.name)
        if path.suffix == ".parquet":
            words.append(str(pq.read_table(path).to_pylist()))
        elif path.suffix in {".csv", ".json", ".jsonl", ".md"}:
            words.append(path.read_text())
    return "\n".join(words)


def test_the_registry_has_every_format_under_its_key() -> None:
    assert list(FORMATS) == [
        "manifest", "monai", "isic", "coco", "huggingface", "croissant", "annotations", "masks",
    ]  # fmt: skip
    for key, form in FORMATS.items():
        assert form.key == key
        assert form.name
        assert form.description.endswith(".")


@formats
def test_what_a_format_says_of_itself_is_what_it_writes(form: ExportFormat, tmp_path: Path) -> None:
    paths = write_export(form, frozen(), tmp_path)
    images = {path for path in paths if Path(path).name in {row.filename for row in KEPT}}
    assert len(images) == (len(KEPT) if form.has_images else 0)
    assert form.has_steps == (form.has_images or any("masks/" in path for path in paths))
    assert "README.md" in paths


@formats
def test_a_withdrawn_row_is_in_no_file(form: ExportFormat, tmp_path: Path) -> None:
    write_export(form, frozen(), tmp_path)
    written = words_of(tmp_path)
    for number in (3, 8):
        gone = make_row(number)
        for name in (gone.image, gone.lesion, gone.visit, gone.sha256):
            assert name not in written
    # The other row of one of the two patients stays: the patient is named for that one only.
    assert KEPT[0].image in written or form.key == "masks"


@formats
def test_the_files_of_an_export_name_the_same_images(form: ExportFormat, tmp_path: Path) -> None:
    write_export(form, frozen(), tmp_path)
    written = words_of(tmp_path)
    named = {row.image for row in KEPT if row.image in written}
    drawn_on = {row.image for row in KEPT if row.number % 3}
    assert named == (drawn_on if form.key in {"annotations", "masks"} else {*map(image_of, KEPT)})


def image_of(row: ManifestRow) -> str:
    return row.image


@formats
@pytest.mark.parametrize(
    "rows",
    [
        lambda: [make_row(1, split="train")],
        lambda: [make_row(1, split="test"), make_row(2, split="test")],
        lambda: [Tombstone(1, "2026-05-04")],
    ],
    ids=["one row", "a split alone", "everything withdrawn"],
)
def test_small_versions_are_written_too(
    form: ExportFormat, rows: Callable[[], list[Any]], tmp_path: Path
) -> None:
    paths = write_export(form, frozen(rows()), tmp_path)
    left = sum(isinstance(row, ManifestRow) for row in rows())
    assert f"| Images | {left} |" in (tmp_path / "README.md").read_text()
    images = [path for path in paths if path.endswith((".jpg", ".png", ".webp", ".heic"))]
    assert len([path for path in images if "masks/" not in path]) == (
        left if form.has_images else 0
    )


@formats
def test_a_document_read_twice_has_the_same_bytes(form: ExportFormat) -> None:
    one, other = frozen(), frozen()
    for first, again in zip(form.documents(one), form.documents(other), strict=True):
        assert first.path == again.path
        content = b"".join(first.pieces())
        assert content
        assert b"".join(first.pieces()) == content
        assert b"".join(again.pieces()) == content


@pytest.mark.parametrize("key", ["monai", "masks", "huggingface"])
def test_a_job_that_stopped_goes_on_with_the_next_row(key: str) -> None:
    rows: list[ManifestRow | Tombstone] = [
        Tombstone(number, "2026-05-04") if number % 10 == 0 else make_row(number)
        for number in range(1, 2 * STEP + 21)
    ]
    version, form = frozen(rows), FORMATS[key]

    def added(after: int) -> list[tuple[int, list[str]]]:
        return [
            (step.last, [path for path, _ in step.images] + [file.path for file in step.files])
            for step in steps(version, form, after=after)
        ]

    whole = added(0)
    assert len(whole) == 3
    for place, (last, _) in enumerate(whole):
        rest = [path for _, paths in whole[place + 1 :] for path in paths]
        assert [path for _, paths in added(last) for path in paths] == rest
    every = [path for _, paths in whole for path in paths]
    assert len(every) == len(set(every))


@pytest.mark.parametrize("name", ["../a", "a/b", "", ".hidden", "a b", "a" * 130, "-rf"])
def test_an_image_whose_name_is_no_file_name_stops_the_export(name: str) -> None:
    version = frozen([make_row(1, image=name)])
    with pytest.raises(UnsafeValue, match="cannot name a file"):
        list(steps(version, FORMATS["monai"]))


def test_rows_are_counted_exactly() -> None:
    tally = frozen().tally
    assert (tally.rows, tally.withdrawn) == (10, 2)
    for column in ("label", "split", "sex", "consent", "media_type"):
        expected: dict[str, int] = {}
        for row in KEPT:
            value = getattr(row, column)
            expected[value] = expected.get(value, 0) + 1
        assert tally.by[column] == expected
    known = [row for row in KEPT if row.skin_type is not None]
    assert sum(tally.by["skin_type"].values()) == len(known) < len(KEPT)


def test_listing_the_formats_loads_nothing_heavy() -> None:
    code = (
        "import sys, clinic.datasets.formats\n"
        "print(sorted({name.split('.')[0] for name in sys.modules}))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    for module in ("pyarrow", "numpy", "django", "PIL", "torch"):
        assert f"'{module}'" not in done.stdout
    assert "'clinic'" in done.stdout
