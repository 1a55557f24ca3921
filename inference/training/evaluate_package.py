"""Evaluate a package on labelled images it has (one hopes) never seen."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from inference.engine.classifier import Answer, Classifier
from inference.training.evaluation import Predictions, evaluate
from inference.training.folder_predictions import answer_files
from inference.training.records import DataError, Record, find_images, read_records
from inference.training.report_page import report_page


def evaluate_package(
    classifier: Classifier, *, images: Path, labels: Path, out: Path, part: frozenset[str] | None
) -> dict[str, Any]:
    """Write report.json and report.html to ``out``; returns the report.

    ``part`` restricts the labels to some image ids (a part of a split). Images with a label that
    the model does not know, and images that cannot be decoded, are counted and left out.
    """
    package = classifier.package
    index_of = {entry.code: index for index, entry in enumerate(package.classes)}
    records = [record for record in read_records(labels) if part is None or record.image_id in part]
    known = [record for record in records if record.label in index_of]
    if not known:
        raise DataError("None of the labels is a class of this package.")
    paths = find_images(images, [record.image_id for record in known])
    answers = answer_files(classifier, [paths[record.image_id] for record in known])
    answered: list[tuple[Record, Answer]] = [
        (record, answer)
        for record, (_, answer) in zip(known, answers, strict=True)
        if not isinstance(answer, str)
    ]
    predictions = Predictions(
        package.classes,
        [record for record, _ in answered],
        np.array([list(answer.probabilities.values()) for _, answer in answered]),
        np.array([index_of[record.label] for record, _ in answered], dtype=np.int64),
    )
    report = {
        "package": {"name": package.name, "version": package.version, "digest": package.digest},
        "runtime": classifier.runtime.name,
        "labels_unknown_to_the_model": _counts(records, index_of),
        "images_that_cannot_be_decoded": len(known) - len(answered),
        **evaluate(predictions, package.operating_points, package.conformal),
    }
    out.mkdir(parents=True, exist_ok=True)
    text = json.dumps(report, indent=1, allow_nan=False)
    (out / "report.json").write_text(text + "\n", encoding="utf-8")
    (out / "report.html").write_text(report_page(report), encoding="utf-8")
    return report


def _counts(records: list[Record], known: dict[str, int]) -> dict[str, int]:
    unknown = sorted({record.label for record in records} - known.keys())
    return {label: sum(record.label == label for record in records) for label in unknown}
