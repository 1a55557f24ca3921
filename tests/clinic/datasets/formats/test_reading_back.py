"""Each export is read by the field's own library, with the code that the documentation shows."""

import hashlib
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from clinic.datasets.formats import FORMATS
from clinic.datasets.manifest import ManifestRow, Tombstone, row_line
from tests.clinic.datasets.formats.frozen import (
    HEIGHT,
    WIDTH,
    frozen,
    make_row,
    twelve_rows,
    write_export,
)

DOCUMENTATION = Path(__file__).parents[4] / "docs" / "export-formats.md"
KEPT = [row for row in twelve_rows() if isinstance(row, ManifestRow)]
TRAIN = [row for row in KEPT if row.split == "train"]


@pytest.fixture(autouse=True)
def _pillow_opens_heic() -> None:
    pillow_heif.register_heif_opener()


def documented(heading: str) -> str:
    """The Python block below a heading."""
    [section] = re.findall(
        rf"^## {heading}\n(.*?)(?=^## |\Z)", DOCUMENTATION.read_text(), re.DOTALL | re.MULTILINE
    )
    [block] = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    return str(block)


@pytest.fixture
def read_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Write an export, run the documented block in its folder; what the block has named."""

    def read(key: str, heading: str, rows: list[ManifestRow | Tombstone] | None = None) -> Any:
        write_export(FORMATS[key], frozen(rows), tmp_path)
        monkeypatch.chdir(tmp_path)
        named: dict[str, Any] = {}
        exec(compile(documented(heading), str(DOCUMENTATION), "exec"), named)
        return named

    return read


def test_every_format_is_documented() -> None:
    text = DOCUMENTATION.read_text()
    for key in FORMATS:
        assert f"| `{key}` |" in text


def test_a_manifest_without_tombstones_has_the_digest_of_the_version(read_back: Any) -> None:
    rows: list[ManifestRow | Tombstone] = [make_row(number) for number in range(1, 6)]
    named = read_back("manifest", "Manifest", rows)
    assert named["digest"] == frozen(rows).digest
    assert [row["image"] for row in named["rows"]] == [row.image for row in rows]  # type: ignore[union-attr]


def test_a_manifest_keeps_a_line_of_what_was_withdrawn(read_back: Any) -> None:
    named = read_back("manifest", "Manifest")
    assert named["digest"] != frozen().digest
    assert [line for line in named["lines"] if "image" not in line] == [
        {"number": 3, "withdrawn_on": "2026-05-04"},
        {"number": 8, "withdrawn_on": "2026-05-04"},
    ]
    assert [tuple(row.values()) for row in named["rows"]] == [tuple(row) for row in KEPT]
    assert Path("manifest.jsonl").read_bytes().splitlines(keepends=True)[1] == row_line(KEPT[0])


def test_monai_loads_the_list_and_the_pictures(read_back: Any) -> None:
    from monai.data import load_decathlon_datalist, load_decathlon_properties

    named = read_back("monai", "MONAI")
    assert named["shapes"] == {row.image: (WIDTH, HEIGHT, 3) for row in TRAIN}
    properties = load_decathlon_properties(
        "datalist.json", ["labels", "numTraining", "numValidation", "numTest"]
    )
    counts = Counter(row.split for row in KEPT)
    assert properties["numTraining"] == counts["train"] == len(named["training"])
    for key, part, count in (
        ("validation", "validation", "numValidation"), ("test", "test", "numTest"),
    ):  # fmt: skip
        items = load_decathlon_datalist("datalist.json", is_segmentation=False, data_list_key=key)
        assert properties[count] == counts[part] == len(items)
        for item, row in zip(items, [row for row in KEPT if row.split == part], strict=True):
            assert item["image_id"] == row.image
            assert properties["labels"][str(item["label"])] == row.label == item["class"]


def test_monai_says_that_a_split_without_images_has_no_list(read_back: Any) -> None:
    from monai.data import load_decathlon_datalist

    read_back("monai", "MONAI", [make_row(1, split="train")])
    with pytest.raises(ValueError, match="not specified"):
        load_decathlon_datalist("datalist.json", data_list_key="test")


def test_hugging_face_loads_every_split_with_its_columns(read_back: Any) -> None:
    dataset = read_back("huggingface", "Hugging Face")["dataset"]
    assert {split: len(rows) for split, rows in dataset.items()} == Counter(
        row.split for row in KEPT
    )
    for split, rows in dataset.items():
        for item, row in zip(rows, [row for row in KEPT if row.split == split], strict=True):
            assert item.pop("image").size == (WIDTH, HEIGHT)
            assert item == {
                "image_id" if name == "image" else name: value
                for name, value in row._asdict().items()
            }


def test_hugging_face_loads_a_single_row(read_back: Any) -> None:
    dataset = read_back("huggingface", "Hugging Face", [make_row(2, split="train", age=None)])
    assert list(dataset["dataset"]) == ["train"]
    assert dataset["first"]["age"] is None


def test_hugging_face_loads_a_version_that_is_a_test_set_alone(tmp_path: Path) -> None:
    from datasets import load_dataset

    rows = [make_row(1, split="test"), make_row(2, split="test")]
    write_export(FORMATS["huggingface"], frozen(rows), tmp_path)
    dataset = load_dataset("imagefolder", data_dir=str(tmp_path), cache_dir=str(tmp_path / "c"))
    assert {split: len(rows) for split, rows in dataset.items()} == {"test": 2}
    assert dataset["test"][1]["image_id"] == rows[1].image


def test_croissant_is_valid_and_yields_rows_and_pictures(read_back: Any) -> None:
    named = read_back("croissant", "Croissant")
    issues = named["croissant"].metadata.ctx.issues
    assert (issues.errors, issues.warnings) == (set(), set())
    assert len(named["rows"]) == len(KEPT)
    for record, row in zip(named["rows"], KEPT, strict=True):
        for name, value in (row._asdict() | {"filename": row.filename}).items():
            found = record[f"rows/{name}"]
            found = found.decode() if isinstance(found, bytes) else found
            if value in {None, ""}:
                assert found is None or np.isnan(found)
            else:
                assert found == value, name
    assert {record["pictures/picture"].size for record in named["pictures"]} == {(WIDTH, HEIGHT)}
    names = [record["pictures/filename"].decode() for record in named["pictures"]]
    assert sorted(names) == sorted(row.filename for row in KEPT)


def test_a_table_that_was_changed_is_found_out_by_croissant(read_back: Any) -> None:
    read_back("croissant", "Croissant")
    [table] = [
        each
        for each in json.loads(Path("croissant.json").read_text())["distribution"]
        if each["@type"] == "cr:FileObject"
    ]
    content = Path(table["contentUrl"]).read_bytes()
    assert table["sha256"] == hashlib.sha256(content).hexdigest()
    assert table["contentSize"] == f"{len(content)} B"


def test_w3c_annotations_have_labels_and_no_person(read_back: Any) -> None:
    from clinic.annotation.region import read_target

    named = read_back("annotations", "W3C annotations")
    drawn_on = [row for row in KEPT if row.number % 3]
    assert Counter(named["labels"]) == {
        "lesion_border": len(drawn_on), "globules": 2 * len(drawn_on), "other": len(drawn_on),
    }  # fmt: skip
    sources = [annotation["target"]["source"] for annotation in named["annotations"]]
    assert sorted(set(sources)) == sorted(row.filename for row in drawn_on)
    assert len({annotation["id"] for annotation in named["annotations"]}) == 4 * len(drawn_on)
    for annotation in named["annotations"]:
        assert set(annotation) == {
            "@context", "id", "type", "motivation", "creator", "body", "target",
        }  # fmt: skip
        assert set(annotation["creator"]) == {"id", "type"}
        assert len(annotation["body"]) == 1
        region = read_target(annotation["target"], width=WIDTH, height=HEIGHT)
        assert region.selector == annotation["target"]["selector"]


def test_masks_are_pictures_of_what_was_drawn(read_back: Any) -> None:
    masks: dict[str, Image.Image] = read_back("masks", "Masks")["masks"]
    drawn_on = [row.image for row in KEPT if row.number % 3]
    parts = ("segmentation", "attribute_globules", "attribute_other")
    assert set(masks) == {f"{image}_{part}.png" for image in drawn_on for part in parts}
    for name, mask in masks.items():
        pixels = np.asarray(mask)
        assert (mask.mode, mask.size) == ("L", (WIDTH, HEIGHT))
        assert set(np.unique(pixels)) == {0, 255}
        if name.endswith("_segmentation.png"):  # an ellipse of 20 by 12
            assert (pixels == 255).sum() == pytest.approx(np.pi * 20 * 12, rel=0.02)
