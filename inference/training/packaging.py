"""From a finished run to a package: calibrate, choose thresholds, write the card."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import monai
import torch
from safetensors.torch import save

from inference.engine.package import FAMILIARITY_PREFIX, Package, write_package
from inference.training.calibration import calibrated, choose_operating_points, fit_calibration
from inference.training.card import HAM10000_LICENCE, LICENCE_TEXT, model_card
from inference.training.conformal import fit_conformal
from inference.training.evaluation import Predictions, evaluate
from inference.training.familiarity import FAMILIARITY, FamiliarityFit
from inference.training.outputs import OUTPUTS, PartOutputs, read_outputs
from inference.training.provenance import RUN
from inference.training.recipe import Recipe
from inference.training.records import DataError
from inference.training.taxonomy import model_classes

AVERAGE = "module.network."  # where the averaged MONAI network's tensors are in a checkpoint


def package_checkpoint(
    checkpoint: Path,
    out: Path,
    *,
    name: str,
    version: str,
    test_time_augmentation: str,
    note: str = "",
    elsewhere: Mapping[str, Path] | None = None,
) -> Package:
    """Write the package of a finished run; ``out`` is a new directory or a .zip file.

    Calibration and thresholds are fitted on the validation part's outputs; the test part is only
    reported. ``note`` is what else a reader of the card should know of the run; ``elsewhere`` names
    report.json files of the same weights on other images. Raises DataError when the run is not
    finished.
    """
    state: dict[str, Any] = torch.load(checkpoint, map_location="cpu", weights_only=True)
    recipe = Recipe.from_dict(state["recipe"])
    written = all(checkpoint.with_name(name).exists() for name in (OUTPUTS, FAMILIARITY))
    if state["progress"]["epoch"] < recipe.epochs or not written:
        raise DataError("The run is not finished: run the train command again, it goes on.")
    outputs = read_outputs(checkpoint.with_name(OUTPUTS))
    familiarity = FamiliarityFit.read(checkpoint.with_name(FAMILIARITY))
    run = json.loads(checkpoint.with_name(RUN).read_text(encoding="utf-8"))
    metadata = _metadata(recipe, name=name, version=version, augmentation=test_time_augmentation)
    metadata["out_of_distribution"] = familiarity.as_metadata()
    metadata["training"] = _training(recipe, run, state["progress"]) | {"note": note}
    reports = _calibrate_and_evaluate(recipe, outputs, metadata)
    metadata["metrics"]["elsewhere"] = {
        place: json.loads(report.read_text(encoding="utf-8"))
        for place, report in (elsewhere or {}).items()
    }
    return write_package(
        out,
        metadata=metadata,
        weights=_half_precision_weights(state["average"], familiarity),
        card=model_card(metadata, reports["validation"], reports["test"]),
        licence=LICENCE_TEXT,
    )


def _calibrate_and_evaluate(
    recipe: Recipe, outputs: dict[str, PartOutputs], metadata: dict[str, Any]
) -> dict[str, dict[str, Any]]:
    """Fill in calibration, operating points and metrics; returns the report of each part."""
    augmentation = metadata["test_time_augmentation"]
    validation = outputs["validation"]
    calibration = fit_calibration(
        validation.logits_with(augmentation), validation.labels(recipe.classes)
    )
    predictions = {
        name: Predictions(
            model_classes(recipe.classes),
            part.records,
            calibrated(part.logits_with(augmentation), calibration),
            part.labels(recipe.classes),
        )
        for name, part in outputs.items()
    }
    points = choose_operating_points(
        predictions["validation"].malignancy, predictions["validation"].malignant
    )
    conformal = fit_conformal(
        predictions["validation"].probabilities, predictions["validation"].labels
    )
    reports = {name: evaluate(part, points, conformal) for name, part in predictions.items()}
    metadata["calibration"] = {
        "temperature": calibration.temperature,
        "class_offsets": list(calibration.class_offsets) or None,
        "fitted_on": "validation",
    }
    metadata["operating_points"] = [asdict(point) for point in points]
    metadata["conformal"] = asdict(conformal)
    metadata["metrics"] = {**reports["validation"], "part": "validation", "test": reports["test"]}
    return reports


def _metadata(recipe: Recipe, *, name: str, version: str, augmentation: str) -> dict[str, Any]:
    size = recipe.evaluation_size
    return {
        "name": name,
        "version": version,
        "task": "lesion-classification",
        "description": (
            f"Classifies one dermoscopic image of a pigmented skin lesion into "
            f"{len(recipe.classes)} classes (MONAI {recipe.architecture}, {size} px)."
        ),
        "authors": "The authors of this repository",
        "copyright": "See LICENSE",
        "licence": HAM10000_LICENCE,
        "monai_version": monai.__version__,
        "pytorch_version": torch.__version__.partition("+")[0],
        "network_data_format": _network_data_format(recipe),
        "architecture": {"name": recipe.architecture, "arguments": recipe.arguments},
        "classes": [asdict(entry) for entry in model_classes(recipe.classes)],
        "preprocessing": {
            "size": size,
            "mean": list(recipe.mean),
            "std": list(recipe.std),
            "crop": "centre_square",
        },
        "test_time_augmentation": augmentation,
    }


def _network_data_format(recipe: Recipe) -> dict[str, Any]:
    """The part of MONAI's bundle schema that says what goes in and what comes out."""
    size = recipe.evaluation_size
    return {
        "inputs": {
            "image": {
                "type": "image",
                "format": "RGB",
                "num_channels": 3,
                "spatial_shape": [size, size],
                "dtype": "float32",
                "is_patch_data": False,
                "channel_def": {"0": "red", "1": "green", "2": "blue"},
            }
        },
        "outputs": {
            "pred": {
                "type": "probabilities",
                "format": "classes",
                "num_channels": len(recipe.classes),
                "dtype": "float32",
                "channel_def": {str(i): code for i, code in enumerate(recipe.classes)},
            }
        },
    }


def _training(recipe: Recipe, run: dict[str, Any], progress: dict[str, Any]) -> dict[str, Any]:
    return {
        "recipe": recipe.name,
        "settings": run["recipe"],
        "epochs": recipe.epochs,
        "seed": recipe.seed,
        "seconds": round(progress["seconds"], 1),
        "hardware": run["hardware"],
        "images": run["images"],
        "data_digest": run["data_digest"],
        "split_digest": run["split_digest"],
        "initial_weights": run["initial_weights"],
        "git_revision": run["git_revision"],
        "history": progress["history"],
    }


def _half_precision_weights(average: dict[str, torch.Tensor], familiarity: FamiliarityFit) -> bytes:
    """The averaged MONAI network's state dict and what is familiar to it, as safetensors."""
    tensors = {
        name.removeprefix(AVERAGE): value
        for name, value in average.items()
        if name.startswith(AVERAGE)
    }
    tensors[f"{FAMILIARITY_PREFIX}mean"] = torch.from_numpy(familiarity.mean)
    tensors[f"{FAMILIARITY_PREFIX}components"] = torch.from_numpy(familiarity.components)
    return save(
        {
            name: (value.half() if value.is_floating_point() else value).contiguous()
            for name, value in tensors.items()
        }
    )
