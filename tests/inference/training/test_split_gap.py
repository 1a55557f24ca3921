"""The leak of a split by image is shown, measured, and never trained on by the ordinary way."""

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from inference.training.__main__ import main
from inference.training.outputs import PartOutputs
from inference.training.recipe import Recipe, Stage
from inference.training.records import Record, read_records
from inference.training.split_gap import image_level_split, split_gap
from inference.training.splits import LeakError, Split, group_records, hold_out, refuse_leaks
from inference.training.training_data import TrainingData
from tests.inference.training.generated import make_data_set

SETTINGS = ("stages=1@32", "cache_size=32", "evaluation_size=32", "batch_size=16")
RECIPE = Recipe(
    name="two classes",
    architecture="resnet18",
    stages=(Stage(1, 32),),
    evaluation_size=32,
    classes=("mel", "nv"),
)


def records_of_lesions(lesions: int, images: int) -> list[Record]:
    return [
        Record(f"{label}-{lesion:03d}-{image}", label, f"{label}-{lesion}")
        for label in ("mel", "nv")
        for lesion in range(lesions)
        for image in range(images)
    ]


def test_a_split_by_image_keeps_every_parts_classes_and_leaks() -> None:
    records = records_of_lesions(100, 2)
    label_of = {record.image_id: record.label for record in records}
    groups = group_records(records)
    honest = hold_out(records, groups, seed=1)
    leaking = image_level_split(records, honest)
    for part, image_ids in honest.parts.items():
        dealt = leaking.parts[part]
        assert Counter(map(label_of.get, dealt)) == Counter(map(label_of.get, image_ids))
    assert sorted(i for ids in leaking.parts.values() for i in ids) == sorted(label_of)
    assert leaking == image_level_split(records[::-1], honest)
    with pytest.raises(LeakError):
        refuse_leaks(leaking.parts, groups)


def answers(records: list[Record], right: list[bool]) -> PartOutputs:
    labels = np.array([RECIPE.classes.index(record.label) for record in records])
    called = np.where(right, labels, 1 - labels)
    return PartOutputs(tuple(records), {"none": np.eye(2)[called] * 4.0})


def test_the_gap_is_the_difference_of_what_each_split_kept_apart() -> None:
    """Of four images kept apart by image, three show one of the lesions trained on."""
    records = records_of_lesions(20, 2)
    parts = {
        "train": ("mel-000-0", "mel-001-0", "nv-000-0", "nv-001-0", "nv-002-0", "nv-002-1"),
        "validation": ("mel-000-1", "mel-001-1"),
        "test": ("nv-000-1", "nv-003-0"),
    }
    leaking = TrainingData(records, {}, np.zeros(0, np.uint8), Split(1, parts), "", {})
    by_lesion = answers(records, [index % 4 != 0 for index in range(len(records))])
    by_image = answers(records, [index % 10 != 0 for index in range(len(records))])
    gap = split_gap(RECIPE, [by_lesion], [by_image], leaking)
    assert gap["lesion_split"]["balanced_accuracy"] == pytest.approx(0.75)
    assert gap["image_split"]["balanced_accuracy"] == pytest.approx(0.90)
    assert gap["image_split"]["images_with_their_lesion_in_training"] == 0.75
    assert gap["gap"]["balanced_accuracy"] == pytest.approx(0.15)
    assert gap["gap"]["macro_auc"] > 0.1
    low, high = gap["gap"]["balanced_accuracy_interval"]
    assert low < 0.15 < high


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return make_data_set(tmp_path_factory.mktemp("data"), size=32)


def arguments(command: str, images: Path, metadata: Path, out: Path, *further: str) -> list[str]:
    changes = [f"--set={setting}" for setting in SETTINGS]
    options = [f"--data={images}", f"--metadata={metadata}", f"--out={out}", "--threads=1"]
    return [command, "resnet18", *options, *changes, *further]


def test_the_command_writes_the_gap_and_keeps_no_network_that_saw_the_leak(
    data: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments("split-gap", *data, tmp_path)) == 0
    gap = json.loads((tmp_path / "split_gap.json").read_text())
    split = Split.read(tmp_path / "split.json")
    sizes = len(split.parts["validation"]) + len(split.parts["test"])
    assert gap["lesion_split"]["images"] == gap["image_split"]["images"] == sizes
    assert 0.2 < gap["image_split"]["images_with_their_lesion_in_training"] < 1
    assert gap["settings"]["stages"] == [{"epochs": 1, "size": 32}]
    assert [path.parent for path in tmp_path.rglob("checkpoint*")] == [tmp_path]
    assert not (tmp_path / "image_split").exists()
    refuse_leaks(split.parts, group_records(read_records(data[1])))
    told = capsys.readouterr().out
    assert "of the images kept apart by image show a lesion of the training part" in told
    written = (tmp_path / "split_gap.json").stat().st_mtime_ns
    assert main(arguments("split-gap", *data, tmp_path)) == 0
    assert (tmp_path / "split_gap.json").stat().st_mtime_ns == written, "measured once"


def test_training_on_a_split_by_image_is_refused(
    data: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    records = read_records(data[1])
    honest = hold_out(records, group_records(records), seed=7)
    image_level_split(records, honest).write(tmp_path / "leaking.json")
    given = f"--split={tmp_path / 'leaking.json'}"
    for command in ("train", "split-gap"):
        assert main(arguments(command, *data, tmp_path / "out", given)) == 1
        assert "The split leaks" in capsys.readouterr().err
    assert not (tmp_path / "out" / "checkpoint.pt").exists()
