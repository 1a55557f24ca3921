"""The card of an export: exact counts, the right terms, and nothing that people typed as markup."""

import re

import pytest
from huggingface_hub import DatasetCard

from clinic.datasets.formats import FORMATS
from clinic.datasets.formats.card import licence
from clinic.datasets.formats.columns import COLUMNS
from clinic.datasets.manifest import ManifestRow, Tombstone
from tests.clinic.datasets.formats.frozen import (
    HEADER,
    content_of,
    frozen,
    make_row,
    twelve_rows,
)

KEPT = [row for row in twelve_rows() if isinstance(row, ManifestRow)]


def card_of(key: str = "manifest", **values: object) -> str:
    return content_of(FORMATS[key], frozen(**values), "README.md").decode()  # type: ignore[arg-type]


def counts_below(heading: str, card: str) -> dict[str, int]:
    [rows] = re.findall(rf"\| {heading} \| Images \| Share \|\n\|[^\n]*\n((?:\|[^\n]*\n)+)", card)
    cells = [line.strip("| ").split(" | ") for line in rows.splitlines()]
    return {value.replace("\\", ""): int(count) for value, count, _ in cells}


def test_every_column_of_a_row_is_explained_in_its_order() -> None:
    assert tuple(column.name for column in COLUMNS) == ManifestRow._fields
    card = card_of()
    for column in COLUMNS:
        assert f"| `{column.name}` | {column.meaning} |" in card


def test_the_counts_are_those_of_the_rows_that_are_left() -> None:
    card = card_of()
    assert "| Images | 10 |" in card
    assert "| Withdrawn since it was frozen | 2 |" in card
    splits = counts_below("Split", card)
    assert splits == {
        split: sum(row.split == split for row in KEPT) for split in ("train", "validation", "test")
    }
    classes = counts_below("Class", card)
    assert sum(classes.values()) == 10
    assert classes["mel (Melanoma)"] == sum(row.label == "mel" for row in KEPT)
    skin = counts_below("Fitzpatrick skin type", card)
    assert skin["not known"] == sum(row.skin_type is None for row in KEPT) > 0
    assert sum(skin.values()) == 10


def test_the_digests_and_the_seed_are_said() -> None:
    card, version = card_of(), frozen()
    assert f"| Digest of the manifest | `{version.digest}` |" in card
    assert f"| Digest of the split | `{version.split_digest}` |" in card
    assert "| Seed of the split | 7 |" in card
    assert "| Frozen on | 2026-03-01 |" in card


def test_one_patient_who_agreed_to_training_only_keeps_the_whole_export_inside() -> None:
    shared = [make_row(number, consent="sharing") for number in (1, 2)]
    assert "agreed that the data are passed on" in card_of(given=shared)
    kept = [*shared, make_row(3, consent="training")]
    assert "do not pass this export on" in card_of(given=kept)
    assert "do not pass this export on" in licence(frozen(kept))
    # A tombstone has no say: its row is not in the export.
    gone = [*shared, Tombstone(3, "2026-05-04")]
    assert "agreed that the data are passed on" in card_of(given=gone)


def test_what_was_frozen_for_training_stays_inside_whatever_its_patients_agreed_to() -> None:
    shared = [make_row(number, consent="sharing") for number in (1, 2)]
    headers = [{**HEADER, "description": {"consent": "training"}}, {"seed": 7}]
    for header in headers:
        assert "do not pass this export on" in card_of(given=shared, header=header)
        assert not frozen(shared, header=header).may_be_passed_on
    assert frozen(shared).may_be_passed_on


@pytest.mark.parametrize("key", FORMATS)
def test_what_people_typed_is_no_markup(key: str) -> None:
    name = "<script>x</script>\n\n# All | of [them](http://x) *and* `more`"
    card = card_of(key, name=name, class_names={"mel": "Mela|noma\n## x"})
    [title] = [line for line in card.splitlines() if line.startswith("# ")]
    assert title.endswith(", version 3")
    assert "<script" not in card.replace("\\<script", "")
    assert not re.search(r"(?<!\\)\[them", card)
    assert "\n## x" not in card
    assert "(Mela\\|noma \\#\\# x)" in card


def test_hugging_face_reads_the_card() -> None:
    read = DatasetCard(card_of("huggingface"))
    assert read.data.to_dict()["license"] == "other"
    assert read.data.to_dict()["task_categories"] == ["image-classification"]
    assert read.text.lstrip().startswith("# Moles of the north, version 3")
