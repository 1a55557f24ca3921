"""What a package says about itself: ``configs/metadata.json`` as typed records."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from inference.engine.allowed_models import Architecture, read_architecture
from inference.engine.fields import Fields, PackageError, refuse_unstorable

FORMAT_VERSION = 1
TASKS = frozenset({"lesion-classification"})
MALIGNANCIES = frozenset({"benign", "indeterminate", "malignant"})
AUGMENTATIONS = frozenset({"none", "d4"})
OUT_OF_DISTRIBUTION = frozenset({"feature_residual", "feature_residual_and_bare_skin"})
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
VERSION = re.compile(r"\d{1,6}\.\d{1,6}\.\d{1,6}")
CLASS_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")


@dataclass(frozen=True)
class ModelClass:
    """One answer the model can give. ``codes`` are its codes by taxonomy, such as icd10."""

    code: str
    name: str
    malignancy: str
    counts_as_malignant: bool
    codes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Preprocessing:
    """From a decoded image to the network's input: the side in pixels, mean and std of 0..1."""

    size: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    crop: str = "centre_square"


@dataclass(frozen=True)
class Calibration:
    """Probabilities are softmax(logits / temperature + class_offsets).

    The class called is the one with the largest log(probability) + decision offset.
    """

    temperature: float = 1.0
    class_offsets: tuple[float, ...] = ()  # empty: none
    decision_offsets: tuple[float, ...] = ()  # empty: the likeliest class is called


@dataclass(frozen=True)
class OperatingPoint:
    """A threshold on the summed probability of malignancy, and what it did on validation."""

    name: str
    malignancy_threshold: float
    sensitivity: float
    specificity: float


@dataclass(frozen=True)
class Conformal:
    """A class is plausible when 1 - its probability is at most its threshold (in class order).

    Thresholds are such that the true class is plausible in ``coverage`` of its images.
    """

    coverage: float
    thresholds: tuple[float, ...]


@dataclass(frozen=True)
class OutOfDistribution:
    """How far from the training images' features an image may lie; see ``familiarity``.

    The method ``feature_residual_and_bare_skin`` has a classifier of bare skin too.
    """

    method: str
    threshold: float
    skin_intercept: float = 0.0
    skin_threshold: float | None = None


@dataclass(frozen=True)
class Metadata:
    """The whole of metadata.json that the engine uses; ``document`` is the JSON itself."""

    name: str
    version: str
    task: str
    description: str
    licence: str
    architecture: Architecture
    classes: tuple[ModelClass, ...]
    preprocessing: Preprocessing
    calibration: Calibration
    operating_points: tuple[OperatingPoint, ...]
    conformal: Conformal | None
    out_of_distribution: OutOfDistribution | None
    test_time_augmentation: str
    metrics: Mapping[str, Any]
    training: Mapping[str, Any]
    files: Mapping[str, str]
    document: Mapping[str, Any]


def parse_metadata(content: bytes) -> Metadata:
    """Check and read metadata.json. Raises PackageError with the field that is wrong."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise PackageError("The package's configs/metadata.json is not valid JSON.") from error
    fields = Fields(document, "metadata.json")
    if fields.whole("format_version", 0, 10**6) != FORMAT_VERSION:
        raise PackageError(f"The package's format_version is not {FORMAT_VERSION}.")
    classes = _classes(fields)
    metadata = Metadata(
        name=_pattern(fields, "name", NAME),
        version=_pattern(fields, "version", VERSION),
        task=fields.choice("task", TASKS),
        description=fields.text("description"),
        licence=fields.text("licence"),
        architecture=read_architecture(fields.nested("architecture")),
        classes=classes,
        preprocessing=_preprocessing(fields.nested("preprocessing")),
        calibration=_calibration(fields.nested("calibration"), len(classes)),
        operating_points=tuple(map(_operating_point, fields.nested_list("operating_points"))),
        conformal=_conformal(fields, len(classes)),
        out_of_distribution=_out_of_distribution(fields),
        test_time_augmentation=fields.choice("test_time_augmentation", AUGMENTATIONS),
        metrics=_metrics(fields.nested("metrics")),
        training=fields.nested("training").raw(),
        files=_files(fields.nested("files")),
        document=fields.raw(),
    )
    refuse_unstorable(document, "metadata")
    return metadata


def _classes(fields: Fields) -> tuple[ModelClass, ...]:
    classes = tuple(_model_class(entry) for entry in fields.nested_list("classes"))
    if not 2 <= len(classes) <= 64 or len({entry.code for entry in classes}) != len(classes):
        raise PackageError("A package needs from 2 to 64 classes, each with a code of its own.")
    if not any(entry.counts_as_malignant for entry in classes):
        raise PackageError("None of the package's classes counts as malignant.")
    return classes


def _model_class(fields: Fields) -> ModelClass:
    codes = fields.nested("codes").raw() if "codes" in fields else {}
    return ModelClass(
        code=_pattern(fields, "code", CLASS_CODE),
        name=fields.text("name", longest=200),
        malignancy=fields.choice("malignancy", MALIGNANCIES),
        counts_as_malignant=fields.flag("counts_as_malignant"),
        codes={str(key): str(value) for key, value in codes.items()},
    )


def _preprocessing(fields: Fields) -> Preprocessing:
    mean, std = fields.numbers("mean", 3, 0, 1), fields.numbers("std", 3, 0.01, 10)
    return Preprocessing(
        size=fields.whole("size", 32, 1024),
        mean=(mean[0], mean[1], mean[2]),
        std=(std[0], std[1], std[2]),
        crop=fields.choice("crop", frozenset({"centre_square"})),
    )


def _calibration(fields: Fields, classes: int) -> Calibration:
    offsets = {
        key: fields.numbers(key, classes, -20, 20)
        for key in ("class_offsets", "decision_offsets")
        if key in fields
    }
    return Calibration(fields.number("temperature", 0.01, 100), **offsets)


def _operating_point(fields: Fields) -> OperatingPoint:
    return OperatingPoint(
        name=fields.text("name", longest=100),
        malignancy_threshold=fields.number("malignancy_threshold", 0, 1),
        sensitivity=fields.number("sensitivity", 0, 1),
        specificity=fields.number("specificity", 0, 1),
    )


def _conformal(fields: Fields, classes: int) -> Conformal | None:
    if "conformal" not in fields:
        return None
    conformal = fields.nested("conformal")
    return Conformal(
        conformal.number("coverage", 0.5, 1), conformal.numbers("thresholds", classes, 0, 1)
    )


def _out_of_distribution(fields: Fields) -> OutOfDistribution | None:
    if "out_of_distribution" not in fields:
        return None
    inner = fields.nested("out_of_distribution")
    method = inner.choice("method", OUT_OF_DISTRIBUTION)
    threshold = inner.number("threshold", 1e-6, 1e6)
    if method == "feature_residual":
        return OutOfDistribution(method, threshold)
    return OutOfDistribution(
        method,
        threshold,
        inner.number("skin_intercept", -1e4, 1e4),
        inner.number("skin_threshold", 1e-9, 1),
    )


def _metrics(fields: Fields) -> Mapping[str, Any]:
    for key in ("balanced_accuracy", "macro_auc"):
        fields.number(key, 0, 1)
    return fields.raw()


def _files(fields: Fields) -> Mapping[str, str]:
    return {path: fields.text(path, longest=64) for path in fields.raw()}


def _pattern(fields: Fields, key: str, pattern: re.Pattern[str]) -> str:
    value = fields.text(key, longest=100)
    if not pattern.fullmatch(value):
        raise PackageError(f"The package's {key} {value!r} is not of the form {pattern.pattern}.")
    return value
