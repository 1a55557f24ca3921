"""Evaluate a package on labelled images it has (one hopes) never seen."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from inference.engine.classifier import Answer, Classifier
from inference.engine.package import Package
from inference.training.curves import curves
from inference.training.evaluation import Predictions, evaluate
from inference.training.folder_predictions import answer_files
from inference.training.labelled_images import LabelledImages, read_labelled_images
from inference.training.mistakes import worst_mistakes
from inference.training.provenance import git_revision
from inference.training.records import DataError, Record
from inference.training.report.page import report_page
from inference.training.report.thumbnails import thumbnails
from inference.training.resampling import Resamples
from inference.training.splits import Split

EXAMPLES = 5  # names of files that are missing or damaged; the rest is counted


@dataclass(frozen=True)
class Part:
    """One part of a split, to evaluate nothing else."""

    name: str
    split: Split

    @classmethod
    def read(cls, path: Path, name: str) -> "Part":
        split = Split.read(path)
        if name not in split.parts:
            raise DataError(f"The split has no part {name}; it has {', '.join(split.parts)}.")
        return cls(name, split)


def evaluate_package(
    classifier: Classifier,
    *,
    images: Path,
    labels: Path,
    out: Path,
    part: Part | None = None,
    label_map: Mapping[str, str] | None = None,
    gallery: bool = True,
) -> dict[str, Any]:
    """Write report.json and report.html to ``out``; returns the report.

    Images with a label that the model does not know, without a file, or that cannot be decoded are
    counted and left out. Raises DataError when nothing is left.
    """
    package = classifier.package
    codes = [entry.code for entry in package.classes]
    ids = frozenset(part.split.parts[part.name]) if part else None
    labelled = read_labelled_images(images, labels, codes, label_map=label_map, part=ids)
    predictions, strangeness, damaged = _predict(classifier, labelled)
    report = {
        "package": _described(package),
        "runtime": classifier.runtime.name,
        "evaluated": {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "labels": labels.name,
            "labels_sha256": hashlib.sha256(labels.read_bytes()).hexdigest(),
            "git_revision": git_revision(),
            "split": part and _split(part, package),
        },
        "left_out": {
            "labels_unknown_to_the_model": dict(labelled.unknown_labels),
            "images_without_a_file": _counted(labelled.missing),
            "images_that_cannot_be_decoded": _counted(damaged),
        },
        "renamed_labels": dict(labelled.renamed),
        **evaluate(predictions, package.operating_points, package.conformal),
        "out_of_distribution": _unlike(predictions, strangeness),
        "split_gap": package.metrics.get("split_gap"),
        "curves": curves(predictions),
        "mistakes": worst_mistakes(predictions, package.operating_points),
    }
    shown = [mistake["image_id"] for kind in report["mistakes"].values() for mistake in kind]
    pictures = thumbnails(labelled.paths, shown) if gallery else {}
    out.mkdir(parents=True, exist_ok=True)
    text = json.dumps(report, indent=1, allow_nan=False)
    (out / "report.json").write_text(text + "\n", encoding="utf-8")
    (out / "report.html").write_text(report_page(report, pictures), encoding="utf-8")
    return report


def _predict(
    classifier: Classifier, labelled: LabelledImages
) -> tuple[Predictions, list[float | None], list[str]]:
    """Predictions and strangeness of the images that can be decoded, and the ids of the others."""
    paths = [labelled.paths[record.image_id] for record in labelled.records]
    answered: list[tuple[Record, Answer]] = []
    damaged: list[str] = []
    for record, (_, answer) in zip(labelled.records, answer_files(classifier, paths), strict=True):
        if isinstance(answer, str):
            damaged.append(record.image_id)
        else:
            answered.append((record, answer))
    if not answered:
        raise DataError(f"None of the {len(damaged)} labelled images can be decoded.")
    package = classifier.package
    index_of = {entry.code: index for index, entry in enumerate(package.classes)}
    predictions = Predictions(
        package.classes,
        [record for record, _ in answered],
        np.array([list(answer.probabilities.values()) for _, answer in answered]),
        np.array([index_of[record.label] for record, _ in answered], dtype=np.int64),
        package.calibration,
    )
    return predictions, [answer.strangeness for _, answer in answered], damaged


def _unlike(predictions: Predictions, strangeness: Sequence[float | None]) -> dict[str, Any] | None:
    """How many images the package would warn of, and whether it errs more on them."""
    measured = np.array([np.nan if value is None else value for value in strangeness])
    if not np.isfinite(measured).all():
        return None
    flagged = measured > 1
    sampled = Resamples.of_lesions([record.lesion_id for record in predictions.records], seed=0)
    right = predictions.called == predictions.labels
    return {
        "flagged": int(flagged.sum()),
        **sampled.share("share", flagged, np.ones(len(flagged))),
        **sampled.share("accuracy_of_flagged", right & flagged, flagged),
        **sampled.share("accuracy_of_others", right & ~flagged, ~flagged),
    }


def _described(package: Package) -> dict[str, Any]:
    return {
        "name": package.name,
        "version": package.version,
        "digest": package.digest,
        "description": package.metadata.description,
        "test_time_augmentation": package.test_time_augmentation,
        "classes": {entry.code: entry.name for entry in package.classes},
        "malignant_classes": [entry.code for entry in package.classes if entry.counts_as_malignant],
        "calls_the_likeliest": not package.calibration.decision_offsets,
    }


def _split(part: Part, package: Package) -> dict[str, Any]:
    digest = part.split.digest
    return {
        "part": part.name,
        "digest": digest,
        "is_the_packages_own": digest == package.training.get("split_digest"),
    }


def _counted(image_ids: Sequence[str]) -> dict[str, Any]:
    return {"images": len(image_ids), "examples": list(image_ids[:EXAMPLES])}
