"""A folder's predictions are whole or not there, and an interrupted run goes on."""

import csv
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from inference.engine.classifier import Answer
from inference.training.predictions_csv import write_predictions
from inference.training.records import DataError

ACTIVATION = np.zeros((2, 2), np.float32)


class Stub:
    """A classifier that calls dark images melanoma, and can be interrupted after some images."""

    def __init__(self, digest: str = "0" * 64) -> None:
        codes = [SimpleNamespace(code=code) for code in ("mel", "nv")]
        self.package = SimpleNamespace(
            digest=digest, classes=codes, preprocessing=SimpleNamespace(size=32)
        )
        self.runtime = SimpleNamespace(batch_size=2, name="stub")
        self.answered = 0
        self.stops_after = 10**6

    def classify(self, images: Sequence[Any]) -> list[Answer]:
        if self.answered >= self.stops_after:
            raise KeyboardInterrupt
        self.answered += len(images)
        return [self._answer(float(image.mean()) / 255) for image in images]

    def _answer(self, light: float) -> Answer:
        called = "nv" if light > 0.5 else "mel"
        return Answer(
            probabilities={"mel": 1 - light, "nv": light},
            malignancy=1 - light,
            uncertainty=0.5,
            activation=ACTIVATION,
            likeliest=called,
            called=called,
            plausible=("mel", "nv"),
            strangeness=None,
        )


def pictures(folder: Path, names: Sequence[str]) -> Path:
    for place, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (40, 30), 20 * place).save(path)
    return folder


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_images_of_one_name_in_two_folders_are_told_apart(tmp_path: Path) -> None:
    folder = pictures(tmp_path / "images", ["a/one.png", "b/one.png", "b/two.png"])
    written = write_predictions(Stub(), folder, tmp_path / "out.csv")
    assert (written.images, written.of_one_name, written.without_answer) == (3, 2, 0)
    rows = rows_of(tmp_path / "out.csv")
    assert [row["file"] for row in rows] == ["a/one.png", "b/one.png", "b/two.png"]
    assert [row["image_id"] for row in rows] == ["one", "one", "two"]
    assert rows[0]["called"] == "mel"
    assert float(rows[1]["nv"]) == pytest.approx(20 / 255, abs=1e-6)


def test_an_interrupted_run_leaves_no_csv_and_goes_on_where_it_was(tmp_path: Path) -> None:
    names = [f"{place}.png" for place in range(6)]
    folder, out = pictures(tmp_path / "images", names), tmp_path / "out.csv"
    (folder / "3.png").write_bytes(b"damaged")
    interrupted = Stub()
    interrupted.stops_after = 3
    with pytest.raises(KeyboardInterrupt):
        write_predictions(interrupted, folder, out)
    assert not out.exists()
    [unfinished] = tmp_path.glob("out.csv.*.part")
    # The machine went down in the middle of a row.
    with unfinished.open("a") as stream:
        stream.write("4.png,4,me")
    again = Stub()
    written = write_predictions(again, folder, out)
    assert written.answered_before == 4
    assert again.answered == 2
    assert written.without_answer == 1, "the damaged one, found before the interruption"
    assert [row["file"] for row in rows_of(out)] == names
    assert not list(tmp_path.glob("*.part"))


def test_what_another_package_answered_is_not_taken_up(tmp_path: Path) -> None:
    folder = pictures(tmp_path / "images", [f"{place}.png" for place in range(6)])
    interrupted = Stub(digest="1" * 64)
    interrupted.stops_after = 3
    with pytest.raises(KeyboardInterrupt):
        write_predictions(interrupted, folder, tmp_path / "out.csv")
    assert write_predictions(Stub(), folder, tmp_path / "out.csv").answered_before == 0


def test_refusals(tmp_path: Path) -> None:
    folder = pictures(tmp_path / "images", ["a.png"])
    with pytest.raises(DataError, match=r"There is no folder .*nowhere to write out.csv to"):
        write_predictions(Stub(), folder, tmp_path / "nowhere" / "out.csv")
    with pytest.raises(DataError, match="is a folder: name the CSV"):
        write_predictions(Stub(), folder, folder)
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="no images"):
        write_predictions(Stub(), tmp_path / "empty", tmp_path / "out.csv")
