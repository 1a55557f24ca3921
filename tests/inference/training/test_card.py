"""The card says what the metadata say, and leaves out what was not measured."""

from typing import Any

import numpy as np
import pytest

from inference.training.calibration import calibrated, choose_operating_points, fit_calibration
from inference.training.card import model_card
from inference.training.conformal import fit_conformal
from inference.training.cross_fitting import cross_fitted, lesion_pieces
from inference.training.data_sets import licence_text, named_data_set, weights_licence
from inference.training.evaluation import Predictions, evaluate
from inference.training.records import Record
from inference.training.taxonomy import model_classes

CODES = ("bcc", "mel", "nv")


def logits_and_records(count: int = 300) -> tuple[np.ndarray, np.ndarray, list[Record]]:
    random = np.random.default_rng(0)
    labels = np.sort(random.choice(3, count, p=(0.1, 0.2, 0.7)))
    logits = random.normal(size=(count, 3)) + 2 * np.eye(3)[labels]
    records = [
        Record(
            f"image-{row}",
            CODES[label],
            f"lesion-{row // 2}",
            dx_type="histo" if label < 2 or row % 2 else "follow_up",
            age=20.0 + row % 60,
            sex=("female", "male")[row % 2],
        )
        for row, label in enumerate(labels)
    ]
    return logits, labels, records


@pytest.fixture(scope="module")
def metadata() -> dict[str, Any]:
    logits, labels, records = logits_and_records()
    classes = model_classes(CODES)
    calibration = fit_calibration(logits, labels)
    part = Predictions(classes, records, calibrated(logits, calibration), labels, calibration)
    points = choose_operating_points(part.malignancy, part.malignant)
    report = evaluate(part, points, fit_conformal(part), resamples=40)
    return {
        "name": "tiny",
        "version": "1.2.3",
        "description": "Three classes.",
        "licence": "CC BY-NC 4.0",
        "monai_version": "1.6",
        "pytorch_version": "2.13",
        "architecture": {"name": "resnet18", "arguments": {}},
        "classes": [vars(entry) for entry in classes],
        "test_time_augmentation": "none",
        "operating_points": [vars(point) for point in points],
        "metrics": {
            **report,
            "cross_fitted": cross_fitted(logits, labels, records, classes),
            "test": report,
            "elsewhere": {},
        },
        "training": {
            "recipe": "three_class",
            "epochs": 4,
            "seed": 7,
            "seconds": 12.0,
            "hardware": "an abacus",
            "images": {"train": 100},
            "data_digest": "d" * 64,
            "split_digest": "s" * 64,
            "initial_weights": None,
            "git_revision": "f" * 40,
            "note": "",
        },
    }


def card(metadata: dict[str, Any], **training: Any) -> str:
    changed = metadata | {"training": metadata["training"] | training}
    return model_card(changed, metadata["metrics"], metadata["metrics"]["test"])


def test_what_a_clinician_must_know_stands_in_plain_words(metadata: dict[str, Any]) -> None:
    text = card(metadata)
    point = metadata["metrics"]["operating_points"][0]
    assert "not a medical device" in text
    assert "Never tested: dark skin" in text
    assert "CC BY-NC" in text
    assert f"At {point['malignancy_threshold']:.3f} it marked {point['sensitivity']:.0%}" in text
    histology = metadata["metrics"]["subgroups"]["dx_type"]["histo"]
    assert f"{histology['malignancy_auc']:.3f} on the confirmed images" in text
    assert "| female, validation | 150 |" in text
    assert "akiec" not in text


def test_what_was_not_measured_is_not_in_the_card(metadata: dict[str, Any]) -> None:
    text = card(metadata)
    for title in ("Images unlike", "On images from elsewhere", "another split"):
        assert title not in text
    assert "processes" not in text
    assert "uncommitted" not in text


def test_lineage_stands_in_the_card(metadata: dict[str, Any]) -> None:
    text = card(
        metadata,
        processes=4,
        uncommitted_changes=True,
        images_by_class={"train": {"mel": 40, "nv": 60}},
        sources=[{"name": "Southside", "citation": "", "licence": "CC0"}],
    )
    assert "in 4 processes" in text
    assert "with uncommitted changes" in text
    assert "(mel 40, nv 60)" in text
    assert "- Southside (CC0)." in text
    assert "HAM10000" not in text


def test_limits_of_a_known_source_stand_in_the_card(metadata: dict[str, Any]) -> None:
    ham10000 = vars(named_data_set("ham10000"))
    assert "come from two sites" in card(metadata, sources=[ham10000])
    assert "come from two sites" not in card(metadata)


def test_the_licence_is_that_of_the_training_images() -> None:
    known, own = named_data_set("ham10000"), named_data_set("Northside 2026=internal use only")
    assert "CC BY-NC 4.0, internal use only (inherited" in weights_licence([known, own])
    text = licence_text([known, own])
    assert "Tschandl" in text
    assert "Northside 2026 (internal use only)." in text
    assert "not for commercial purposes" in text
    assert "not for commercial purposes" not in licence_text([own])
    assert weights_licence([]).startswith("Not stated")


def test_the_gap_of_a_split_by_image_stands_in_the_card(metadata: dict[str, Any]) -> None:
    honest = {"balanced_accuracy": 0.7, "macro_auc": 0.94, "images": 100}
    feigned = {"balanced_accuracy": 0.8, "macro_auc": 0.97, "images": 100}
    gap = {
        "lesion_split": honest,
        "image_split": feigned | {"images_with_their_lesion_in_training": 0.39},
    }
    changed = metadata | {"metrics": metadata["metrics"] | {"split_gap": gap}}
    text = card(changed)
    assert "39% of the held-out images" in text
    assert "| image | 0.800 | 0.970 |" in text


def test_images_of_a_lesion_are_in_one_piece() -> None:
    _, _, records = logits_and_records()
    piece = lesion_pieces(records, 5, seed=3)
    assert (piece[::2] == piece[1::2]).all()
    assert np.bincount(piece).tolist() == [60] * 5
    assert (piece != lesion_pieces(records, 5, seed=4)).any()


def test_cross_fitted_coverage_is_near_the_promise(metadata: dict[str, Any]) -> None:
    found = metadata["metrics"]["cross_fitted"]
    assert found["conformal"]["by_class"]["nv"]["coverage"] == pytest.approx(0.9, abs=0.02)
    assert 0 < found["calibration"]["ece_if_perfect"] < 0.1
    assert found["calibration"]["ece"] < 0.1
