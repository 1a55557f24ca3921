"""What a package of trees is made of, from a finished run."""

import json
from pathlib import Path
from typing import Any

import torch
from xgboost import Booster

from inference.engine.trees import ARCHITECTURE
from inference.training.familiarity import FAMILIARITY, FamiliarityFit
from inference.training.ingredients import Ingredients, familiarity_tensors, lineage
from inference.training.outputs import OUTPUTS, read_outputs
from inference.training.pixel_trees import BOOSTER, best_trees
from inference.training.pixel_trees_recipe import PixelTreesRecipe
from inference.training.provenance import RUN
from inference.training.records import DataError


def gather_tree_ingredients(checkpoint: Path, state: dict[str, Any]) -> Ingredients:
    """The ingredients of the run whose checkpoint holds ``state``. Raises DataError."""
    recipe = PixelTreesRecipe.from_dict(state["recipe"])
    growth = state["growth"]
    written = all(checkpoint.with_name(name).exists() for name in (OUTPUTS, FAMILIARITY))
    if not growth["finished"] or not written:
        raise DataError("The run is not finished: run the train command again, it goes on.")
    trees = best_trees(Booster(model_file=state[BOOSTER]), recipe, rounds=growth["best_round"])
    familiarity = FamiliarityFit.read(checkpoint.with_name(FAMILIARITY))
    run = json.loads(checkpoint.with_name(RUN).read_text(encoding="utf-8"))
    arguments = {"side": recipe.side, "depth": recipe.depth, "rounds": growth["best_round"]}
    tensors = {name: torch.from_numpy(array) for name, array in vars(trees).items()}
    return Ingredients(
        classes=recipe.classes,
        size=recipe.evaluation_size,
        mean=recipe.preprocessing.mean,
        std=recipe.preprocessing.std,
        architecture={"name": ARCHITECTURE, "arguments": arguments},
        description=(
            f"Classifies one dermoscopic image of a pigmented skin lesion into "
            f"{len(recipe.classes)} classes (gradient-boosted trees on {recipe.side} x "
            f"{recipe.side} pixels)."
        ),
        outputs=read_outputs(checkpoint.with_name(OUTPUTS)),
        familiarity=familiarity,
        tensors=tensors | familiarity_tensors(familiarity),
        training={
            "recipe": recipe.name,
            "rounds": growth["best_round"],
            "seed": recipe.seed,
            "seconds": round(growth["seconds"], 1),
            "history": growth["history"],
            **lineage(run),
        },
    )
