"""What a package is made of, and how a finished run of the train command gives it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from inference.engine.package import FAMILIARITY_PREFIX
from inference.training.averaged_weights import averaged_tensors
from inference.training.familiarity import FAMILIARITY, FamiliarityFit
from inference.training.outputs import OUTPUTS, PartOutputs, read_outputs
from inference.training.provenance import RUN
from inference.training.recipe import Recipe
from inference.training.records import DataError
from inference.training.split_gap import GAP


@dataclass(frozen=True)
class Ingredients:
    """What a package is made of, whatever trained it.

    ``size`` is the side in pixels and ``mean`` and ``std`` are of pixels in 0..1; ``architecture``
    is the metadata's block of that name. ``outputs`` has the parts ``validation`` and ``test``.
    ``tensors`` are the network's as stored, with those of ``engine.familiarity`` where
    ``familiarity`` is given. ``training`` says where all this comes from; ``split_gap`` is what a
    split by image would have feigned, where that was measured.
    """

    classes: tuple[str, ...]
    size: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    architecture: dict[str, Any]
    description: str
    outputs: Mapping[str, PartOutputs]
    familiarity: FamiliarityFit | None
    tensors: Mapping[str, torch.Tensor]
    training: dict[str, Any]
    split_gap: dict[str, Any] | None = None


def gather_ingredients(checkpoint: Path) -> Ingredients:
    """Read a run's checkpoint and what lies beside it. Raises DataError where it is unfinished."""
    state: dict[str, Any] = torch.load(checkpoint, map_location="cpu", weights_only=True)
    if "booster" in state:
        from inference.training.pixel_trees_ingredients import gather_tree_ingredients

        return gather_tree_ingredients(checkpoint, state)
    recipe = Recipe.from_dict(state["recipe"])
    written = all(checkpoint.with_name(name).exists() for name in (OUTPUTS, FAMILIARITY))
    progress = state["progress"]
    # Early stopping finishes a run before its last epoch.
    finished = progress.get("finished", False) or progress["epoch"] >= recipe.epochs
    if not finished or not written:
        raise DataError("The run is not finished: run the train command again, it goes on.")
    familiarity = FamiliarityFit.read(checkpoint.with_name(FAMILIARITY))
    run = json.loads(checkpoint.with_name(RUN).read_text(encoding="utf-8"))
    return Ingredients(
        classes=recipe.classes,
        size=recipe.evaluation_size,
        mean=recipe.mean,
        std=recipe.std,
        architecture={"name": recipe.architecture, "arguments": recipe.arguments},
        description=(
            f"Classifies one dermoscopic image of a pigmented skin lesion into "
            f"{len(recipe.classes)} classes (MONAI {recipe.architecture}, "
            f"{recipe.evaluation_size} px)."
        ),
        outputs=read_outputs(checkpoint.with_name(OUTPUTS)),
        familiarity=familiarity,
        tensors=_half_precision(state["average"]) | familiarity_tensors(familiarity),
        training=_training(recipe, run, state["progress"]),
        split_gap=read_split_gap(checkpoint.parent),
    )


def _training(recipe: Recipe, run: dict[str, Any], progress: dict[str, Any]) -> dict[str, Any]:
    return {
        "recipe": recipe.name,
        "epochs": progress["epoch"],
        "kept_epoch": progress.get("kept_epoch") or progress["epoch"],
        "seed": recipe.seed,
        "seconds": round(progress["seconds"], 1),
        "history": progress["history"],
        **lineage(run),
    }


def lineage(run: Mapping[str, Any]) -> dict[str, Any]:
    """What a package repeats of run.json: settings, data, code and machine."""
    return {("settings" if key == "recipe" else key): value for key, value in run.items()}


def read_split_gap(folder: Path) -> dict[str, Any] | None:
    """What the split-gap command measured beside a run, if it did."""
    path = folder / GAP
    if not path.exists():
        return None
    gap: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return gap


def _half_precision(average: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The averaged MONAI network's state dict as a package stores it."""
    return {
        name: value.half() if value.is_floating_point() else value
        for name, value in averaged_tensors(average).items()
    }


def familiarity_tensors(familiarity: FamiliarityFit) -> dict[str, torch.Tensor]:
    """What ``engine.familiarity`` reads, in half precision."""
    arrays = {"mean": familiarity.mean, "components": familiarity.components}
    if familiarity.bare_skin:
        arrays["skin_direction"] = familiarity.bare_skin.direction
    return {
        f"{FAMILIARITY_PREFIX}{name}": torch.from_numpy(array).half()
        for name, array in arrays.items()
    }
