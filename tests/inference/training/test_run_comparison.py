"""Runs are compared in pairs, on validation, with a calibration that has not seen the images."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from inference.training.__main__ import main
from inference.training.cross_fitting import PIECES, lesion_pieces
from inference.training.measures import Floats, Labels
from inference.training.outputs import OUTPUTS, PartOutputs, write_outputs
from inference.training.provenance import RUN
from inference.training.records import DataError, Record
from inference.training.run_comparison import compare, read_run

CODES = ("bkl", "mel", "nv")


def some_answers(images: int = 600) -> tuple[list[Record], Labels, Floats]:
    """Two images a lesion; the network answers as if the classes were equally common."""
    random = np.random.default_rng(0)
    labels = np.repeat(random.choice(3, images // 2, p=(0.2, 0.1, 0.7)), 2)
    records = [
        Record(f"image-{index:04d}", CODES[label], f"lesion-{index // 2}")
        for index, label in enumerate(labels)
    ]
    return records, labels, random.normal(size=(images, 3)) + 1.5 * np.eye(3)[labels]


def write_run(folder: Path, records: list[Record], logits: Floats) -> Path:
    folder.mkdir()
    part = PartOutputs(tuple(records), {"none": logits})
    write_outputs(folder / OUTPUTS, {"validation": part, "test": part})
    (folder / RUN).write_text(json.dumps({"recipe": {"classes": CODES}}))
    return folder


def test_calibration_has_not_seen_the_images_it_is_measured_on(tmp_path: Path) -> None:
    """Other labels in one fold change the probabilities of the others, and none of its own."""
    records, _, logits = some_answers()
    there = lesion_pieces(records, PIECES, seed=0) == 0
    relabelled = [
        replace(record, label=CODES[0]) if here else record
        for record, here in zip(records, there, strict=True)
    ]
    as_it_is = read_run(write_run(tmp_path / "as it is", records, logits)).packaged
    other = read_run(write_run(tmp_path / "relabelled", relabelled, logits)).packaged
    np.testing.assert_array_equal(as_it_is.probabilities[there], other.probabilities[there])
    assert not np.allclose(as_it_is.probabilities[~there], other.probabilities[~there])


def test_a_better_run_is_told_from_an_equal_one(tmp_path: Path) -> None:
    records, labels, logits = some_answers()
    better = logits + 0.6 * np.eye(3)[labels]
    runs = [
        read_run(write_run(tmp_path / name, records, answers))
        for name, answers in (("first", logits), ("same", logits), ("better", better))
    ]
    first, same, improved = compare(runs)
    for name in ("balanced accuracy", "macro AUC", "malignancy AUC", "melanoma sensitivity"):
        assert same[name].value == first[name].value
        assert same[name].difference == 0
        assert improved[name].difference == pytest.approx(improved[name].value - first[name].value)
        interval = improved[name].interval
        assert interval is not None
        low, high = interval
        assert 0 < low < improved[name].difference < high


def test_plain_answers_are_measured_without_any_calibration(tmp_path: Path) -> None:
    """A network that always says nevus: calibration changes the decision, not the plain figure."""
    records, _, logits = some_answers()
    run = read_run(write_run(tmp_path / "nevus", records, logits + np.array([0.0, 0.0, 9.0])))
    figures = compare([run])[0]
    assert figures["balanced accuracy, uncalibrated"].value == pytest.approx(1 / 3, abs=0.01)
    assert figures["balanced accuracy"].value > 0.6


def test_the_command_prints_a_table_and_refuses_what_cannot_be_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    records, labels, logits = some_answers()
    first = write_run(tmp_path / "first", records, logits)
    second = write_run(tmp_path / "second", records, logits + np.eye(3)[labels])
    assert main(["compare", str(first), str(second)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("| run | balanced accuracy, uncalibrated | balanced accuracy |")
    assert lines[2].startswith("| first | 0.")
    assert lines[3].startswith("| second | 0.")
    assert ", +0." in lines[3]
    fewer = write_run(tmp_path / "fewer", records[:-2], logits[:-2])
    assert main(["compare", str(first), str(fewer)]) == 1
    assert "validated on other images than first" in capsys.readouterr().err
    (tmp_path / "begun").mkdir()
    with pytest.raises(DataError, match="begun is not finished"):
        read_run(tmp_path / "begun")
