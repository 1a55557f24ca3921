"""A whole report on made-up answers, for the tests of its page."""

from typing import Any

import numpy as np

from inference.engine.package import Conformal, OperatingPoint
from inference.training.curves import curves
from inference.training.evaluation import evaluate
from inference.training.mistakes import worst_mistakes
from inference.training.predictions import Predictions
from inference.training.records import Record
from inference.training.taxonomy import model_classes

CODES = ("bcc", "mel", "nv")
POINTS = (
    OperatingPoint("sensitivity 0.90", 0.3, 0.9, 0.7),
    OperatingPoint("sensitivity 0.95", 0.2, 0.95, 0.6),
)


def predictions(images: int = 240, *, source: str = "") -> Predictions:
    """Two images a lesion; scores that know something of the truth; no bcc."""
    random = np.random.default_rng(4)
    labels = (random.random(images // 2) < 0.7).astype(int).repeat(2) + 1
    scores = random.normal(size=(images, 3)) + 2.0 * np.eye(3)[labels] - (2, 0, 0)
    probabilities = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    records = [
        Record(
            f"image-{row}",
            CODES[label],
            f"lesion-{row // 2}",
            dx_type="histo" if row % 4 else "follow_up",
            age=None if row == 7 else 25.0 + row % 50,
            sex="female" if row % 3 else "male",
            source=source,
        )
        for row, label in enumerate(labels)
    ]
    return Predictions(model_classes(CODES), records, probabilities, labels)


def report_of(part: Predictions, **changes: Any) -> dict[str, Any]:
    """A whole report as ``evaluate_package`` makes it, on fewer resamples."""
    return {
        "package": {
            "name": "resnet18",
            "version": "1.0.0",
            "digest": "0" * 64,
            "description": "Classifies one image.",
            "test_time_augmentation": "none",
            "classes": {entry.code: entry.name for entry in part.classes},
            "malignant_classes": ["bcc", "mel"],
            "calls_the_likeliest": True,
        },
        "runtime": "onnxruntime-cpu",
        "evaluated": {
            "at": "2026-01-02T03:04:05+00:00",
            "labels": "labels.csv",
            "labels_sha256": "1" * 64,
            "git_revision": "2" * 40,
            "split": None,
        },
        "left_out": {
            "labels_unknown_to_the_model": {},
            "images_without_a_file": {"images": 0, "examples": []},
            "images_that_cannot_be_decoded": {"images": 0, "examples": []},
        },
        "renamed_labels": {},
        **evaluate(part, POINTS, Conformal(0.9, (0.9, 0.8, 0.8)), resamples=200),
        "out_of_distribution": {
            "flagged": 24,
            "share": 0.1,
            "share_interval": [0.05, 0.15],
            "accuracy_of_flagged": 0.5,
            "accuracy_of_flagged_interval": None,
            "accuracy_of_others": 0.75,
            "accuracy_of_others_interval": None,
        },
        "split_gap": None,
        "curves": curves(part, resamples=200),
        "mistakes": worst_mistakes(part, POINTS),
        **changes,
    }
