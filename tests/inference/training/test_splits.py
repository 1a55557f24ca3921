"""A split cannot leak: by lesion, patient and picture, whatever is done to the rows."""

import random
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inference.training.duplicates import find_near_duplicates
from inference.training.records import DataError, Record, find_images, read_records
from inference.training.splits import (
    LeakError,
    Split,
    group_records,
    hold_out,
    k_fold,
    refuse_leaks,
    with_further_images,
)

HAM10000_COUNTS = {
    "nv": 6705,
    "mel": 1113,
    "bkl": 1099,
    "bcc": 514,
    "akiec": 327,
    "vasc": 142,
    "df": 115,
}


def records_like_ham10000(*, images_a_lesion: int = 2) -> list[Record]:
    return [
        Record(f"{label}-{n:04d}", label, f"{label}-lesion-{n // images_a_lesion}")
        for label, count in HAM10000_COUNTS.items()
        for n in range(count)
    ]


def test_no_lesion_is_in_two_parts_and_every_class_keeps_its_share() -> None:
    records = records_like_ham10000()
    groups = group_records(records)
    split = hold_out(records, groups, seed=1)
    label_of = {record.image_id: record.label for record in records}
    lesion_of = {record.image_id: record.lesion_id for record in records}
    lesions = [{lesion_of[image] for image in part} for part in split.parts.values()]
    assert sum(map(len, lesions)) == len(set.union(*lesions))
    assert sum(map(len, split.parts.values())) == len(records)
    for label, count in HAM10000_COUNTS.items():
        share = Counter(label_of[i] for i in split.parts["validation"])[label] / count
        assert share == pytest.approx(0.12, abs=0.02)


def test_the_split_depends_on_the_seed_and_on_nothing_else() -> None:
    records = records_like_ham10000()
    groups = group_records(records)
    shuffled = random.Random(0).sample(records, len(records))
    assert hold_out(records, groups, seed=1).digest == hold_out(shuffled, groups, seed=1).digest
    assert hold_out(records, groups, seed=1).digest != hold_out(records, groups, seed=2).digest


def test_patients_and_duplicates_join_lesions() -> None:
    records = [
        Record("a", "nv", "lesion-1", patient_id="p"),
        Record("b", "nv", "lesion-2", patient_id="p"),
        Record("c", "mel", "lesion-3"),
        Record("d", "mel", "lesion-3"),
        Record("e", "bkl", "lesion-4"),
    ]
    groups = group_records(records, duplicates=[("b", "d")])
    assert len({groups[name] for name in "abcd"}) == 1
    assert groups["e"] != groups["a"]


def test_oversampling_to_46870_rows_and_splitting_at_random_is_refused() -> None:
    """The well-known mistake: every image repeated until its class has about as many as nevi."""
    records = records_like_ham10000()
    groups = group_records(records)
    rows = [
        record.image_id
        for record in records
        for _ in range(round(HAM10000_COUNTS["nv"] / HAM10000_COUNTS[record.label]))
    ]
    assert len(rows) == 46_870
    random.Random(0).shuffle(rows)
    cut = len(rows) * 8 // 10
    known = set(rows[:cut])
    assert sum(row in known for row in rows[cut:]) / len(rows[cut:]) > 0.8, "the very same images"
    with pytest.raises(LeakError, match="before any oversampling"):
        refuse_leaks({"train": rows[:cut], "test": rows[cut:]}, groups)


def test_a_random_split_by_image_is_refused() -> None:
    records = records_like_ham10000()
    images = [record.image_id for record in records]
    random.Random(0).shuffle(images)
    with pytest.raises(LeakError, match="more than one part"):
        refuse_leaks({"train": images[2000:], "test": images[:2000]}, group_records(records))


def test_a_written_split_is_read_back_and_an_edited_one_refused(tmp_path: Path) -> None:
    records = records_like_ham10000()
    split = hold_out(records, group_records(records), seed=3)
    split.write(tmp_path / "split.json")
    assert Split.read(tmp_path / "split.json") == split
    text = (tmp_path / "split.json").read_text()
    (tmp_path / "split.json").write_text(text.replace('"nv-0001"', '"nv-9999"'))
    with pytest.raises(DataError, match="changed after it was written"):
        Split.read(tmp_path / "split.json")


def test_near_duplicates_are_found_and_different_pictures_are_not() -> None:
    random_numbers = np.random.default_rng(0)
    coarse = random_numbers.uniform(60, 220, (6, 8, 8, 3)).astype(np.uint8)
    images = np.stack([np.asarray(Image.fromarray(c).resize((128, 128))) for c in coarse])
    noisy = images[1] + random_numbers.normal(0, 4, images[1].shape)
    brighter = images[2] * 1.01 + 1
    all_images = np.stack([*images, images[0], noisy, brighter]).clip(0, 255).astype(np.uint8)
    assert set(find_near_duplicates(all_images)) == {(0, 6), (1, 7), (2, 8)}


def test_smooth_skin_alone_is_no_duplicate() -> None:
    _, x = np.mgrid[0:128, 0:128] / 128
    gentle = np.stack([180 + 20 * x, 140 + 20 * x, 120 + 20 * x], axis=2)
    darker = gentle - 30
    images = np.stack([gentle, darker]).astype(np.uint8)
    assert find_near_duplicates(images) == []


def test_metadata_are_read_with_what_is_there(tmp_path: Path) -> None:
    csv = tmp_path / "labels.csv"
    csv.write_text("image_id,dx,age,extra\nA,mel,55.0,x\nB,nv,,y\n")
    first, second = read_records(csv)
    assert (first.image_id, first.label, first.age) == ("A", "mel", 55.0)
    assert second.age is None
    assert first.lesion_id != second.lesion_id


def test_the_isic_archives_column_name_is_understood(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text("isic_id,dx\nISIC_1,mel\n")
    assert read_records(tmp_path / "labels.csv")[0].image_id == "ISIC_1"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("image_id,label\nA,mel\n", "lacks the column dx"),
        ("image_id,dx\nA,mel\nA,nv\n", "names the image A twice"),
        ("image_id,dx\nA,\n", "line 2"),
    ],
)
def test_unusable_metadata_are_refused(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "labels.csv").write_text(text)
    with pytest.raises(DataError, match=words):
        read_records(tmp_path / "labels.csv")


def test_a_missing_image_is_named(tmp_path: Path) -> None:
    (tmp_path / "A.jpg").write_bytes(b"")
    with pytest.raises(DataError, match=r"1 of 2 .*the first: B"):
        find_images(tmp_path, ["A", "B"])


def test_over_all_folds_every_image_is_tested_once_and_no_lesion_is_divided() -> None:
    records = records_like_ham10000()
    groups = group_records(records)
    splits = [k_fold(records, groups, seed=1, folds=5, fold=fold) for fold in range(5)]
    tested = [image_id for split in splits for image_id in split.parts["test"]]
    assert sorted(tested) == sorted(record.image_id for record in records)
    for split in splits:
        refuse_leaks(split.parts, groups)
        assert sum(map(len, split.parts.values())) == len(records)


@pytest.mark.parametrize(("folds", "fold"), [(1, 0), (5, 5), (5, -1)])
def test_a_fold_that_is_not_there_is_refused(folds: int, fold: int) -> None:
    records = records_like_ham10000()
    with pytest.raises(DataError, match="no fold"):
        k_fold(records, group_records(records), seed=1, folds=folds, fold=fold)


def test_further_images_are_trained_on_and_never_validated_or_tested_on() -> None:
    records = records_like_ham10000()
    further = [Record(f"other-{n}", "mel", f"other-lesion-{n // 3}") for n in range(300)]
    groups = group_records([*records, *further])
    alone = hold_out(records, groups, seed=1)
    joined = with_further_images(alone, further, groups)
    for part in ("validation", "test"):
        assert joined.parts[part] == alone.parts[part]
    others = {record.image_id for record in further}
    assert len(others.intersection(joined.parts["train"])) == pytest.approx(240, abs=6)
    assert others == others.intersection((*joined.parts["train"], *joined.parts["elsewhere"]))


def test_a_further_image_of_a_known_lesion_is_left_out() -> None:
    records = records_like_ham10000()
    copy = Record("copy", "mel", "somewhere-else")
    tested = hold_out(records, group_records(records), seed=1).parts["test"][0]
    groups = group_records([*records, copy], duplicates=[("copy", tested)])
    joined = with_further_images(hold_out(records, groups, seed=1), [copy], groups)
    assert "copy" not in {image_id for ids in joined.parts.values() for image_id in ids}
