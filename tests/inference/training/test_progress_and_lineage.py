"""What a run tells whoever watches it, and what a package repeats of where it comes from."""

import json
import math
from pathlib import Path

import pytest

from inference.training.lineage import lineage_lines, read_lineage
from inference.training.progress_file import PROGRESS, ProgressFile
from inference.training.recipe import load_recipe, recipe_names
from inference.training.records import DataError
from inference.training.splits import Split, refuse_leaks, without_repeated
from tests.inference.training.tiny import changed, tiny_trainer


def read(folder: Path) -> dict[str, object]:
    document: dict[str, object] = json.loads((folder / PROGRESS).read_text())
    return document


def test_a_training_says_how_far_it_is(tmp_path: Path) -> None:
    recipe = changed(stages=[{"epochs": 3, "size": 16}])
    trainer = tiny_trainer(recipe)
    trainer.run(tmp_path / "checkpoint.pt")
    said = read(tmp_path)
    assert said["epochs"] == 3
    assert said["history"] == trainer.progress.history
    assert [path.name for path in tmp_path.glob("*.partial*")] == []


def test_a_figure_that_is_no_number_is_null(tmp_path: Path) -> None:
    progress = ProgressFile(tmp_path / PROGRESS, epochs=2)
    progress.epochs_are([{"epoch": 1.0, "macro_auc": math.nan}])
    assert read(tmp_path)["history"] == [{"epoch": 1.0, "macro_auc": None}]


def test_steps_are_written_about_once_a_second(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    progress = ProgressFile(tmp_path / PROGRESS, epochs=2)
    progress.epochs_are([])
    progress.step(1, 50)
    assert read(tmp_path)["step"] == 0
    now[0] += 2
    progress.step(7, 50)
    assert (read(tmp_path)["step"], read(tmp_path)["steps"]) == (7, 50)


def test_recipes_are_listed_and_a_path_is_none() -> None:
    assert {"resnet18", "densenet121", "xgboost_pixels"} <= set(recipe_names())
    for name in ("nothing", "../recipe", "__init__", ""):
        with pytest.raises(DataError, match="no recipe called"):
            load_recipe(name)


@pytest.mark.parametrize("text", ["", "many", "3", "0@96", "2@", "2@96,"])
def test_stages_that_cannot_be_meant_are_refused(text: str) -> None:
    with pytest.raises(DataError, match="epochs at size"):
        load_recipe("resnet18", [f"stages={text}"])


def test_classes_are_given_as_a_list() -> None:
    assert load_recipe("resnet18", ['classes=["mel", "nv"]']).classes == ("mel", "nv")


def test_a_repeated_picture_stays_where_it_is_kept_apart() -> None:
    split = Split(1, {"train": ("a", "b", "c"), "validation": ("d", "e"), "test": ("f",)})
    # b shows the picture of e, and d that of f.
    groups = {"a": "a", "b": "b", "c": "c", "d": "d", "e": "b", "f": "d"}
    mended, left_out = without_repeated(split, groups)
    assert mended.parts == {"train": ("a", "c"), "validation": ("e",), "test": ("f",)}
    assert left_out == 2
    refuse_leaks(mended.parts, groups)


def test_the_card_says_the_lineage_and_nothing_where_there_is_none() -> None:
    assert lineage_lines(None) == ""
    text = lineage_lines(
        {
            "data_set": "Nevi of spring",
            "data_set_version": 2,
            "data_set_digest": "d" * 64,
            "split_digest": "s" * 64,
            "withdrawn_rows": 3,
            "parent": {"name": "resnet18", "version": "2.0.0", "digest": "p" * 64},
            "run": "the-run",
        }
    )
    for said in ("Nevi of spring, version 2", "d" * 64, "s" * 64, "3 images", "resnet18 2.0.0"):
        assert said in text


def test_a_lineage_that_is_no_object_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "lineage.json"
    for text in ("[]", "{"):
        path.write_text(text)
        with pytest.raises(DataError, match="lineage"):
            read_lineage(path)
    assert read_lineage(None) is None
