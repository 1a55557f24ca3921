"""A frozen version as the files that the training command reads."""

import csv
from pathlib import Path

import pytest
from django.core.files.base import ContentFile

from accounts.models import Organisation
from clinic.models import DatasetRow, DatasetTombstone, DatasetVersion, LesionImage
from inference.training.records import read_records
from inference.training.splits import Split
from inference.worker.training.folder import RunFolder
from inference.worker.training.materials import CannotTrain, lay_out, refuse_withdrawn
from inference.worker.training.reports import last_words, log_end, progress
from tests.inference.training_runs.frozen import frozen_pictures

pytestmark = pytest.mark.django_db


@pytest.fixture
def version(northside: Organisation) -> DatasetVersion:
    return frozen_pictures(northside, codes=("mel", "nv"))


@pytest.fixture
def folder(tmp_path: Path, settings: object) -> RunFolder:
    settings.TRAINING_FOLDER = tmp_path  # type: ignore[attr-defined]
    return RunFolder("a-run")


def laid_out(version: DatasetVersion, folder: RunFolder) -> list[tuple[int, int]]:
    told: list[tuple[int, int]] = []
    lay_out(version, folder, tell=lambda done, total: told.append((done, total)))
    return told


def source_of(row: DatasetRow) -> LesionImage:
    return row.source


def test_the_trainer_reads_back_labels_patients_and_split(
    version: DatasetVersion, folder: RunFolder
) -> None:
    assert laid_out(version, folder)[-1] == (8, 8)
    records = {record.image_id: record for record in read_records(folder.metadata)}
    split = Split.read(folder.split)  # refuses a digest that is not its own
    assert {name: len(ids) for name, ids in split.parts.items()} == {
        "train": 4, "validation": 2, "test": 2,
    }  # fmt: skip
    for row in version.rows.all():
        record = records[row.image]
        assert (record.label, record.patient_id, record.lesion_id) == (
            row.label, row.patient, row.lesion,
        )  # fmt: skip
        assert row.image in split.parts[row.split]
        with source_of(row).file.open("rb") as stored:
            assert (folder.images / f"{row.image}.jpg").read_bytes() == stored.read()


def test_the_folder_is_its_owners_alone(version: DatasetVersion, folder: RunFolder) -> None:
    laid_out(version, folder)
    assert folder.path.stat().st_mode & 0o077 == 0


def test_what_is_there_is_not_fetched_again(version: DatasetVersion, folder: RunFolder) -> None:
    laid_out(version, folder)
    for row in version.rows.all():
        image = source_of(row)
        image.file.storage.delete(image.file.name)
    assert laid_out(version, folder)[-1] == (8, 8)


def test_a_picture_that_is_not_what_was_frozen_is_refused(
    version: DatasetVersion, folder: RunFolder
) -> None:
    image = source_of(version.rows.earliest("number"))
    name = str(image.file.name)
    image.file.storage.delete(name)
    assert image.file.storage.save(name, ContentFile(b"another picture")) == name
    with pytest.raises(CannotTrain, match="digest differs"):
        laid_out(version, folder)


def test_a_picture_that_is_gone_is_named_by_its_pseudonym(
    version: DatasetVersion, folder: RunFolder
) -> None:
    row = version.rows.earliest("number")
    image = source_of(row)
    image.file.storage.delete(image.file.name)
    with pytest.raises(CannotTrain, match=f"{row.image}.jpg is not in storage"):
        laid_out(version, folder)


def test_who_withdrew_consent_is_neither_in_the_labels_nor_among_the_pictures(
    version: DatasetVersion, folder: RunFolder
) -> None:
    row = version.rows.filter(split="train").earliest("number")
    DatasetTombstone.objects.create(row=row, withdrawn_on="2026-01-02")
    assert laid_out(version, folder)[-1] == (7, 7)
    with folder.metadata.open() as lines:
        assert row.image not in {line["image_id"] for line in csv.DictReader(lines)}
    assert row.image not in folder.split.read_text()
    assert not (folder.images / f"{row.image}.jpg").exists()


def test_a_withdrawal_throws_away_what_was_learned_so_far(
    version: DatasetVersion, folder: RunFolder
) -> None:
    laid_out(version, folder)
    folder.out.mkdir()
    (folder.out / "checkpoint.pt").write_bytes(b"weights that have seen the picture")
    refuse_withdrawn(version, folder)
    row = version.rows.earliest("number")
    DatasetTombstone.objects.create(row=row, withdrawn_on="2026-01-02")

    with pytest.raises(CannotTrain, match="withdrew consent while this was trained"):
        refuse_withdrawn(version, folder)
    assert not folder.path.exists()

    laid_out(version, folder)
    (folder.out).mkdir()
    (folder.out / "checkpoint.pt").write_bytes(b"weights")
    another = version.rows.latest("number")
    DatasetTombstone.objects.create(row=another, withdrawn_on="2026-01-02")
    laid_out(version, folder)
    assert not folder.out.exists(), "a run that is tried again begins anew as well"


def test_a_log_is_shown_as_a_terminal_would_show_it(folder: RunFolder) -> None:
    folder.open()
    log = folder.log
    log.write_bytes(b"one\nDecoding: 10%\rDecoding: 100%\nto\x00 the end\n\n")
    assert log_end(log) == "one\nDecoding: 100%\nto the end"
    assert last_words(folder) == "to the end"
    folder.refusal.write_text("There are too few images.")
    assert last_words(folder) == "There are too few images.", "whatever torchrun says after it"
    log.write_bytes(b"long line\n" * 10_000 + b"last")
    shown = log_end(log)
    assert len(shown) <= 24_000
    assert shown.startswith("long line\n")
    assert shown.endswith("\nlast")


def test_half_a_progress_file_is_no_news(tmp_path: Path) -> None:
    path = tmp_path / "progress.json"
    assert progress(path) == {}
    path.write_text('{"epochs": 3, "history": [{"epoch"')
    assert progress(path) == {}
