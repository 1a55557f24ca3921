"""The tables of the ISIC Archive, of its challenges and of HAM10000, and the split beside them."""

import csv
import hashlib
import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from isic_metadata.metadata import MetadataRow

from clinic.datasets.formats import FORMATS
from clinic.datasets.formats.isic import ARCHIVE_COLUMNS, ISIC2019_CLASSES
from clinic.datasets.formats.isic_dictionary import BODY_SITES, DIAGNOSES
from clinic.datasets.manifest import ManifestRow
from clinic.isic.metadata import BODY_SITES as IMPORTED_SITES
from clinic.isic.metadata import BadRow, IsicRow, read_metadata
from clinic.models.image import ImageKind
from clinic.models.lesion import BodySite
from clinic.models.patient import Sex
from inference.engine.preprocess import load_image
from inference.training.records import find_images, read_records
from inference.training.splits import (
    LeakError,
    Split,
    group_records,
    refuse_leaks,
    refuse_unknown_images,
)
from tests.clinic.datasets.formats.frozen import (
    content_of,
    frozen,
    make_row,
    twelve_rows,
    write_export,
)
from tests.clinic.datasets.formats.test_reading_back import documented

ISIC = FORMATS["isic"]
KEPT = [row for row in twelve_rows() if isinstance(row, ManifestRow)]
TAXONOMY = Path(__file__).parents[4] / "clinic" / "taxonomy" / "2026.1.json"


def table(path: str, rows: list[ManifestRow] | None = None) -> list[dict[str, str]]:
    written = content_of(ISIC, frozen(rows), path).decode()
    return list(csv.DictReader(written.splitlines()))


def archive_row(**values: Any) -> MetadataRow:
    """A row of `metadata.csv` as the archive's own library understands it."""
    [row] = table("metadata.csv", [make_row(1, **values)])
    return MetadataRow(**row)


def test_the_documented_code_validates_the_tables_and_the_split(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_export(ISIC, frozen(), tmp_path)
    monkeypatch.chdir(tmp_path)
    named: dict[str, Any] = {}
    exec(compile(documented("ISIC and HAM10000"), "documentation", "exec"), named)
    assert len(named["batch"].items) == len(named["records"]) == len(KEPT)
    for row in named["batch"].items:
        assert set(row.unstructured) == {"filename"}, "the dictionary has no such column"


# ---- The archive's dictionary -------------------------------------------------------------------


def test_the_archive_gets_every_row_with_what_is_known() -> None:
    rows = table("metadata.csv")
    assert tuple(rows[0]) == ARCHIVE_COLUMNS
    assert [row["filename"] for row in rows] == [row.filename for row in KEPT]
    read = [MetadataRow(**row) for row in rows]
    assert [row.patient_id for row in read] == [row.patient for row in KEPT]
    assert [row.lesion_id for row in read] == [row.lesion for row in KEPT]
    assert [row.age for row in read] == [row.age for row in KEPT]


@pytest.mark.parametrize("site", BodySite.values)
@pytest.mark.parametrize("kind", ImageKind.values)
def test_every_place_and_kind_of_image_is_in_the_dictionary(site: str, kind: str) -> None:
    row = archive_row(body_site=site, image_kind=kind)
    assert row.image_type is not None
    named = row.anatom_site is not None or row.anatom_site_general is not None
    assert named == (site != BodySite.UNKNOWN)


def test_every_place_that_was_imported_from_ham10000_goes_out_as_it_came_in() -> None:
    for theirs, ours in IMPORTED_SITES.items():
        assert BODY_SITES[ours][0] == (theirs or "unknown")
    assert set(BODY_SITES) == set(BodySite.values)


def every_diagnosis() -> list[tuple[str, str]]:
    def walk(nodes: list[dict[str, Any]]) -> list[tuple[str, str]]:
        own = [(each["code"], each["malignancy"]) for each in nodes if each.get("selectable", True)]
        return own + [leaf for each in nodes for leaf in walk(each.get("children", []))]

    return walk(json.loads(TAXONOMY.read_text())["diagnoses"])


@pytest.mark.parametrize(("code", "malignancy"), every_diagnosis())
def test_every_diagnosis_is_in_the_dictionary(code: str, malignancy: str) -> None:
    assert code in DIAGNOSES
    row = archive_row(diagnosis=code, malignancy=malignancy)
    if code == "cannot-tell":
        assert row.diagnosis is None
        return
    assert row.diagnosis is not None
    # Where ISIC's tree is of another opinion: a dysplastic nevus is benign there.
    assert row.diagnosis_1 == ("Benign" if code == "dysplastic-nevus" else malignancy.capitalize())


def test_a_diagnosis_that_the_dictionary_has_not_is_its_malignancy_alone() -> None:
    row = archive_row(diagnosis="something-new", malignancy="malignant")
    assert (row.diagnosis_1, row.diagnosis_2) == ("Malignant", None)


@pytest.mark.parametrize(
    ("source", "confirmation", "ham10000", "archive"),
    [
        ("pathology", "histo", "histo", "histopathology"),
        ("pathology", "confocal", "confocal", "confocal microscopy with consensus dermoscopy"),
        ("pathology", "follow_up", "follow_up", "serial imaging showing no change"),
        ("concordant", "", "consensus", "single image expert consensus"),
        ("adjudication", "", "consensus", "single image expert consensus"),
        ("single", "", "", "single contributor clinical assessment"),
        ("single", "consensus", "consensus", "single image expert consensus"),
    ],
)
def test_the_confirmation_is_said_in_both_vocabularies(
    source: str, confirmation: str, ham10000: str, archive: str
) -> None:
    rows = [make_row(1, label_source=source, confirmation=confirmation)]
    assert table("HAM10000_metadata.csv", rows)[0]["dx_type"] == ham10000
    assert MetadataRow(**table("metadata.csv", rows)[0]).diagnosis_confirm_type == archive


@pytest.mark.parametrize(
    ("sex", "ham10000", "archive"),
    [
        (Sex.FEMALE, "female", "female"),
        (Sex.MALE, "male", "male"),
        (Sex.OTHER, "unknown", None),
        (Sex.UNKNOWN, "unknown", None),
    ],
)
def test_a_sex_that_a_vocabulary_lacks_is_unknown_there(
    sex: str, ham10000: str, archive: str | None
) -> None:
    assert table("HAM10000_metadata.csv", [make_row(1, sex=sex)])[0]["sex"] == ham10000
    assert archive_row(sex=sex).sex == archive


def test_an_age_ends_at_85_and_a_skin_type_is_a_roman_number() -> None:
    assert archive_row(age=90).age == 85
    assert archive_row(age=None).age is None
    assert archive_row(age=0).age == 0
    for number, roman in zip(range(1, 7), ("I", "II", "III", "IV", "V", "VI"), strict=True):
        skin = archive_row(skin_type=number).fitzpatrick_skin_type
        assert skin is not None
        assert skin.value == roman


def test_melanocytic_is_said_only_of_classes_that_are_certainly_one_or_the_other() -> None:
    assert archive_row(label="mel").melanocytic is True
    assert archive_row(label="bcc").melanocytic is False
    assert archive_row(label="other-benign").melanocytic is None


# ---- HAM10000 and our own training --------------------------------------------------------------


def test_our_training_reads_the_table_and_the_split(tmp_path: Path) -> None:
    write_export(ISIC, frozen(), tmp_path)
    records = read_records(tmp_path / "HAM10000_metadata.csv")
    assert [(r.image_id, r.label, r.lesion_id, r.patient_id) for r in records] == [
        (row.image, row.label, row.lesion, row.patient) for row in KEPT
    ]
    assert [record.age for record in records] == [row.age for row in KEPT]
    split = Split.read(tmp_path / "split.json")
    assert split.seed == 7
    for part in ("train", "validation", "test"):
        assert split.parts[part] == tuple(row.image for row in KEPT if row.split == part)
    refuse_unknown_images(split, {record.image_id for record in records})
    refuse_leaks(split.parts, group_records(records))
    found = find_images(tmp_path / "images", [row.image for row in KEPT])
    assert {path.name for path in found.values()} == {row.filename for row in KEPT}
    for path in found.values():
        assert load_image(path, 16).shape == (16, 16, 3)


def test_the_training_command_would_notice_a_patient_in_two_parts(tmp_path: Path) -> None:
    rows = [make_row(1, patient="p", split="train"), make_row(2, patient="p", split="test")]
    write_export(ISIC, frozen(rows), tmp_path)
    records = read_records(tmp_path / "HAM10000_metadata.csv")
    with pytest.raises(LeakError):
        refuse_leaks(Split.read(tmp_path / "split.json").parts, group_records(records))


@pytest.mark.parametrize("count", [0, 1, 2, 7, 3000])
def test_the_digest_of_the_split_is_the_one_that_training_computes(
    count: int, tmp_path: Path
) -> None:
    template = make_row(1)
    rows = [
        template._replace(
            number=number,
            image=f'é"{number}' if number == 5 else hashlib.sha1(str(number).encode()).hexdigest(),
            split=("train", "validation", "test")[number % 3],
        )
        for number in range(1, count + 1)
    ]
    path = tmp_path / "split.json"
    path.write_bytes(content_of(ISIC, frozen(rows), "split.json"))
    split = Split.read(path)
    assert list(split.parts) == ["train", "validation", "test"]
    assert sum(map(len, split.parts.values())) == count


def test_what_ham10000_can_say_is_read_by_our_own_import(tmp_path: Path) -> None:
    path = tmp_path / "HAM10000_metadata.csv"
    path.write_bytes(content_of(ISIC, frozen(), path.name))
    read = list(read_metadata(path, known_dx=frozenset(row.label for row in KEPT)))
    for found, row in zip(read, KEPT, strict=True):
        if row.label_source == "single":
            assert isinstance(found, BadRow)
            assert "dx_type" in found.reason
        else:
            assert isinstance(found, IsicRow)
            assert (found.image_id, found.dx, found.age) == (row.image, row.label, row.age)


# ---- ISIC 2019 ----------------------------------------------------------------------------------


def test_the_ground_truth_of_isic_2019_has_one_1_a_row() -> None:
    rows = table("ISIC_2019_GroundTruth.csv")
    assert list(rows[0]) == ["image", *ISIC2019_CLASSES]
    called = {
        "mel": "MEL", "nv": "NV", "akiec": "AK", "squamous-cell-carcinoma": "SCC",
        "other-benign": "UNK",
    }  # fmt: skip
    for values, row in zip(rows, KEPT, strict=True):
        assert values.pop("image") == row.image
        assert [name for name, value in values.items() if float(value) == 1] == [called[row.label]]
        assert sum(map(float, values.values())) == 1


def test_a_column_that_isic_2019_does_not_have_is_unknown() -> None:
    version = frozen([make_row(1, label="odd")], isic2019={"odd": "ODD"})
    written = content_of(ISIC, version, "ISIC_2019_GroundTruth.csv").decode()
    assert written.splitlines()[1].endswith(",1.0")


def test_all_tables_name_the_same_images_in_the_same_order() -> None:
    names = [
        [row["image_id"] for row in table("HAM10000_metadata.csv")],
        [row["image"] for row in table("ISIC_2019_GroundTruth.csv")],
        [Path(row["filename"]).stem for row in table("metadata.csv")],
    ]
    assert all(one == other for one, other in itertools.pairwise(names))
    assert names[0] == [row.image for row in KEPT]
