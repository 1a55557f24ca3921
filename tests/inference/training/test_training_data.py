"""From files to parts: label maps, further sources, digests, splits of other data."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from inference.training.recipe import Recipe, Stage, load_recipe
from inference.training.records import DataError
from inference.training.training_data import Source, TrainingData, prepare
from tests.inference.training.generated import make_data_set

RECIPE = Recipe(
    name="generated",
    architecture="resnet18",
    stages=(Stage(1, 32),),
    evaluation_size=32,
    cache_size=32,
)
OTHERS = ("akiec", "bcc", "bkl", "df", "vasc")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Source:
    return Source(*make_data_set(tmp_path_factory.mktemp("data")))


def prepared(out: Path, source: Source, recipe: Recipe = RECIPE, **more: object) -> TrainingData:
    return prepare(recipe, source, out=out, cache=out / "cache", **more)  # type: ignore[arg-type]


def renamed(source: Source, folder: Path, prefix: str, labels: dict[str, str]) -> Source:
    """The same lesions under other names and labels, turned so that none is a near duplicate."""
    images = folder / "images"
    images.mkdir(parents=True)
    rows = list(csv.DictReader(source.metadata.open()))
    for row in rows:
        picture = Image.open(source.images / f"{row['image_id']}.jpg")
        row["image_id"], row["lesion_id"] = prefix + row["image_id"], prefix + row["lesion_id"]
        row["dx"] = labels[row["dx"]]
        picture.rotate(90).save(images / f"{row['image_id']}.jpg")
    metadata = folder / "metadata.csv"
    with metadata.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return Source(images, metadata)


def test_a_label_map_joins_renames_and_leaves_out(tmp_path: Path, source: Source) -> None:
    recipe = replace(
        RECIPE,
        classes=("bkl", "mel", "nv"),
        label_map={"df": "nv", "akiec": "", "bcc": "", "vasc": ""},
    )
    data = prepared(tmp_path, source, recipe)
    assert {record.label for record in data.records} == {"bkl", "mel", "nv"}
    assert data.left_out == {"akiec": 18, "bcc": 18, "vasc": 18}
    assert sum(record.label == "nv" for record in data.records) == 36


def test_a_given_division_holds_where_a_class_is_left_out(tmp_path: Path, source: Source) -> None:
    whole = prepared(tmp_path / "whole", source)
    given = tmp_path / "whole" / "split.json"
    fewer = replace(RECIPE, classes=("mel", "nv"), label_map=dict.fromkeys(OTHERS, ""))
    data = prepared(tmp_path / "fewer", source, fewer, split=given)
    kept = {record.image_id for record in data.records}
    for part, ids in data.split.parts.items():
        assert ids == tuple(i for i in whole.split.parts[part] if i in kept)
        assert ids
    # And again, as a run does that goes on where it stopped.
    assert prepared(tmp_path / "fewer", source, fewer).split == data.split


def test_a_label_without_a_class_is_refused_with_the_way_to_leave_it_out(
    tmp_path: Path, source: Source
) -> None:
    with pytest.raises(DataError, match=r"label akiec.*label_map=.*akiec"):
        prepared(tmp_path, source, replace(RECIPE, classes=("bkl", "mel", "nv")))


def test_a_label_map_can_be_set_from_the_command_line() -> None:
    recipe = load_recipe("resnet18", ['label_map={"angioma": "vasc", "scar": ""}'])
    assert recipe.label_map == {"angioma": "vasc", "scar": ""}


def test_further_images_never_reach_validation_or_test(tmp_path: Path, source: Source) -> None:
    codes = ("akiec", "bcc", "bkl", "df", "mel", "nv", "vasc")
    other = renamed(source, tmp_path / "other", "X_", dict.fromkeys(codes, "mel"))
    alone = prepared(tmp_path / "alone", source)
    joined = prepared(tmp_path / "joined", source, further=[other])
    for part in ("validation", "test"):
        assert joined.split.parts[part] == alone.split.parts[part]
    added = set(joined.split.parts["train"]) - set(alone.split.parts["train"])
    apart = set(joined.split.parts["elsewhere"])
    assert all(image_id.startswith("X_") for image_id in added | apart)
    assert len(added) > 3 * len(apart) > 0
    lesion_of = {record.image_id: record.lesion_id for record in joined.records}
    assert not {lesion_of[i] for i in added} & {lesion_of[i] for i in apart}


def test_a_source_that_names_a_known_image_is_refused(tmp_path: Path, source: Source) -> None:
    with pytest.raises(DataError, match="another source has as well"):
        prepared(tmp_path, source, further=[source])


def test_the_digest_follows_labels_and_pixels_not_the_order_of_rows(
    tmp_path: Path, source: Source
) -> None:
    first = prepared(tmp_path / "first", source).digest
    lines = source.metadata.read_text().splitlines()
    shuffled = tmp_path / "shuffled.csv"
    shuffled.write_text("\n".join([lines[0], *reversed(lines[1:])]) + "\n")
    assert prepared(tmp_path / "second", Source(source.images, shuffled)).digest == first
    relabelled = tmp_path / "relabelled.csv"
    relabelled.write_text(source.metadata.read_text().replace(",mel,", ",nv,", 1))
    assert prepared(tmp_path / "third", Source(source.images, relabelled)).digest != first


def test_a_split_of_other_data_is_refused(tmp_path: Path, source: Source) -> None:
    codes = ("akiec", "bcc", "bkl", "df", "mel", "nv", "vasc")
    other = renamed(source, tmp_path / "other", "X_", {code: code for code in codes})
    prepared(tmp_path / "theirs", other)
    with pytest.raises(DataError, match="belongs to other data"):
        prepared(tmp_path / "ours", source, split=tmp_path / "theirs" / "split.json")


def test_a_fold_keeps_its_own_images_apart(tmp_path: Path, source: Source) -> None:
    tests = [
        set(
            prepared(tmp_path / str(fold), source, replace(RECIPE, folds=3, fold=fold)).split.parts[
                "test"
            ]
        )
        for fold in range(3)
    ]
    assert len(set.union(*tests)) == sum(map(len, tests)) == 126
