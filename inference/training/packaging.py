"""From what was trained to a package: calibrate, choose thresholds, write the card."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import monai
import torch
from safetensors.torch import save

from inference.engine.package import Package, write_package
from inference.engine.trees import ARCHITECTURE as PIXEL_TREES
from inference.training.calibration import calibrated, choose_operating_points, fit_calibration
from inference.training.card import model_card
from inference.training.compact import in_eight_bits
from inference.training.conformal import fit_conformal
from inference.training.cross_fitting import cross_fitted
from inference.training.data_sets import DataSet, licence_text, weights_licence
from inference.training.evaluation import Predictions, evaluate, figures_of
from inference.training.ingredients import Ingredients, gather_ingredients
from inference.training.records import DataError
from inference.training.taxonomy import model_classes

__all__ = ["Ingredients", "package_checkpoint", "package_ingredients"]


def package_ingredients(
    ingredients: Ingredients,
    out: Path,
    *,
    name: str,
    version: str,
    test_time_augmentation: str,
    eight_bits: bool = False,
    trained_on: Sequence[DataSet] = (),
    note: str = "",
    elsewhere: Mapping[str, Path] | None = None,
    lineage: Mapping[str, Any] | None = None,
) -> Package:
    """Write a package; ``out`` is a new directory or a .zip file.

    Calibration and thresholds are fitted on the validation part's outputs; the test part is only
    reported. ``eight_bits`` halves a network's stored weights (see ``compact``). The
    licence is that of ``trained_on``. ``note`` is what else a reader of the card should know of the
    training; ``elsewhere`` names report.json files of the same weights on other images; ``lineage``
    is described in ``lineage.py``. Raises DataError or PackageError.
    """
    if eight_bits and ingredients.architecture["name"] == PIXEL_TREES:
        raise DataError("Trees have no weights to store in eight bits: package them as they are.")
    tensors = in_eight_bits(ingredients.tensors) if eight_bits else ingredients.tensors
    metadata = _metadata(ingredients, name=name, version=version)
    metadata["test_time_augmentation"] = test_time_augmentation
    if ingredients.familiarity:
        metadata["out_of_distribution"] = ingredients.familiarity.as_metadata()
    sources = [asdict(data_set) for data_set in trained_on]
    metadata["licence"] = weights_licence(trained_on)
    metadata["training"] = {**ingredients.training, "sources": sources, "note": note}
    if lineage:
        metadata["training"]["lineage"] = dict(lineage)
    reports = _calibrate_and_evaluate(ingredients, metadata)
    if ingredients.split_gap:
        metadata["metrics"]["split_gap"] = ingredients.split_gap
    metadata["metrics"]["elsewhere"] = {
        place: figures_of(json.loads(report.read_text(encoding="utf-8")))
        for place, report in (elsewhere or {}).items()
    }
    return write_package(
        out,
        metadata=metadata,
        weights=save({key: value.contiguous() for key, value in tensors.items()}),
        card=model_card(metadata, reports["validation"], reports["test"]),
        licence=licence_text(trained_on),
    )


def package_checkpoint(
    checkpoint: Path,
    out: Path,
    *,
    version: str,
    name: str | None = None,
    test_time_augmentation: str | None = None,
    eight_bits: bool = False,
    trained_on: Sequence[DataSet] = (),
    note: str = "",
    elsewhere: Mapping[str, Path] | None = None,
    lineage: Mapping[str, Any] | None = None,
) -> Package:
    """Write the package of a finished run; see ``package_ingredients``.

    Name and test-time augmentation are the recipe's unless given. Raises DataError when the run is
    not finished.
    """
    ingredients = gather_ingredients(checkpoint)
    settings = ingredients.training["settings"]
    return package_ingredients(
        ingredients,
        out,
        name=name or ingredients.training["recipe"],
        version=version,
        test_time_augmentation=test_time_augmentation or settings["test_time_augmentation"],
        eight_bits=eight_bits,
        trained_on=trained_on,
        note=note,
        elsewhere=elsewhere,
        lineage=lineage,
    )


def _calibrate_and_evaluate(
    ingredients: Ingredients, metadata: dict[str, Any]
) -> dict[str, dict[str, Any]]:
    """Fill in calibration, operating points and metrics; returns the report of each part."""
    augmentation = metadata["test_time_augmentation"]
    classes, outputs = ingredients.classes, ingredients.outputs
    validation = outputs["validation"]
    calibration = fit_calibration(validation.logits_with(augmentation), validation.labels(classes))
    predictions = {
        name: Predictions(
            model_classes(classes),
            part.records,
            calibrated(part.logits_with(augmentation), calibration),
            part.labels(classes),
            calibration,
        )
        for name, part in outputs.items()
    }
    points = choose_operating_points(
        predictions["validation"].malignancy, predictions["validation"].malignant
    )
    conformal = fit_conformal(predictions["validation"])
    reports = {name: evaluate(part, points, conformal) for name, part in predictions.items()}
    metadata["calibration"] = {
        **asdict(calibration),
        "fitted_on": "validation",
    }
    metadata["operating_points"] = [asdict(point) for point in points]
    metadata["conformal"] = asdict(conformal)
    metadata["metrics"] = {
        **reports["validation"],
        "part": "validation",
        "cross_fitted": cross_fitted(
            validation.logits_with(augmentation),
            validation.labels(classes),
            validation.records,
            model_classes(classes),
        ),
        "test": reports["test"],
    }
    return reports


def _metadata(ingredients: Ingredients, *, name: str, version: str) -> dict[str, Any]:
    return {
        "name": name,
        "version": version,
        "task": "lesion-classification",
        "description": ingredients.description,
        "authors": "The authors of this repository",
        "copyright": "See LICENSE",
        "monai_version": monai.__version__,
        "pytorch_version": torch.__version__.partition("+")[0],
        "network_data_format": _network_data_format(ingredients),
        "architecture": ingredients.architecture,
        "classes": [asdict(entry) for entry in model_classes(ingredients.classes)],
        "preprocessing": {
            "size": ingredients.size,
            "mean": list(ingredients.mean),
            "std": list(ingredients.std),
            "crop": "centre_square",
        },
    }


def _network_data_format(ingredients: Ingredients) -> dict[str, Any]:
    """The part of MONAI's bundle schema that says what goes in and what comes out."""
    return {
        "inputs": {
            "image": {
                "type": "image",
                "format": "RGB",
                "num_channels": 3,
                "spatial_shape": [ingredients.size, ingredients.size],
                "dtype": "float32",
                "is_patch_data": False,
                "channel_def": {"0": "red", "1": "green", "2": "blue"},
            }
        },
        "outputs": {
            "pred": {
                "type": "probabilities",
                "format": "classes",
                "num_channels": len(ingredients.classes),
                "dtype": "float32",
                "channel_def": {str(i): code for i, code in enumerate(ingredients.classes)},
            }
        },
    }
