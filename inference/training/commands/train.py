"""``train``: a recipe and a data set to a checkpoint."""

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from inference.training.commands import say
from inference.training.records import DataError

if TYPE_CHECKING:
    from inference.training.recipe import Recipe


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("recipe", help="a file in inference/training/recipes, without .py")
    parser.add_argument("--data", type=Path, required=True, help="folder of the images")
    parser.add_argument("--metadata", type=Path, required=True, help="CSV with image_id and dx")
    parser.add_argument(
        "--further",
        nargs=2,
        action="append",
        default=[],
        type=Path,
        metavar=("DIR", "CSV"),
        help="images of other origin to train on too; four fifths are, the rest is kept apart",
    )
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoint and split")
    parser.add_argument("--init-weights", type=Path, help="package or state dict to start from")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="change the recipe, such as dropout=0.3, stages=2@96,1@128, augmentation.hue=0.1",
    )
    parser.add_argument("--cache", type=Path, help="folder for decoded images (OUT/cache)")
    parser.add_argument("--split", type=Path, help="a split.json to use instead of a new split")
    parser.add_argument(
        "--leave-out-repeated",
        action="store_true",
        help="leave out of training what shares a picture with the split's validation or test part "
        "(without it, such a split is refused)",
    )
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda (%(default)s)")
    parser.add_argument("--threads", type=int, help="CPU threads (as many as cores)")


def run(options: argparse.Namespace) -> None:
    import torch

    from inference.training.pixel_trees_recipe import PixelTreesRecipe
    from inference.training.recipe import load_recipe
    from inference.training.training_data import Source

    if options.threads:
        torch.set_num_threads(options.threads)
    recipe = load_recipe(options.recipe, options.set)
    data: dict[str, Any] = {
        "images": options.data,
        "metadata": options.metadata,
        "further": [Source(images, metadata) for images, metadata in options.further],
        "out": options.out,
        "cache": options.cache,
        "split": options.split,
        "leave_out_repeated": options.leave_out_repeated,
    }
    if isinstance(recipe, PixelTreesRecipe):
        from inference.training.pixel_trees import train_pixel_trees

        if options.init_weights:
            raise DataError("Trees have no starting weights: leave out --init-weights.")
        checkpoint = train_pixel_trees(recipe, **data)
    else:
        from inference.training.run import train

        network = cast("Recipe", recipe)
        start, device = options.init_weights, options.device
        checkpoint = train(network, **data, initial_weights=start, device=device)
    if os.environ.get("RANK", "0") == "0":
        say(f"Trained: {checkpoint}")
