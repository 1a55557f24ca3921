"""``split-gap``: the figures that a split by image, the common mistake, would have shown.

Trains the recipe once as ``train`` does (a finished run is taken as it is) and once on a split by
image, and writes split_gap.json beside the checkpoint. The second network is thrown away.
"""

import argparse

from inference.training.commands import say, train
from inference.training.records import DataError

add_options = train.add_options


def run(options: argparse.Namespace) -> None:
    import torch

    from inference.training.recipe import Recipe, load_recipe
    from inference.training.split_gap import GAP, measure_split_gap

    if options.further:
        raise DataError("The gap is measured on one source of images: leave out --further.")
    if options.threads:
        torch.set_num_threads(options.threads)
    recipe = load_recipe(options.recipe, options.set)
    if not isinstance(recipe, Recipe):
        raise DataError(f"The gap is measured with a network, and {recipe.name} is none.")
    gap = measure_split_gap(
        recipe,
        images=options.data,
        metadata=options.metadata,
        out=options.out,
        initial_weights=options.init_weights,
        cache=options.cache,
        split=options.split,
        device=options.device,
    )
    by_image, by_lesion = gap["image_split"], gap["lesion_split"]
    say(
        f"Balanced accuracy {by_lesion['balanced_accuracy']} by lesion, "
        f"{by_image['balanced_accuracy']} by image; macro AUC {by_lesion['macro_auc']} and "
        f"{by_image['macro_auc']}. {by_image['images_with_their_lesion_in_training']:.0%} of the "
        f"images kept apart by image show a lesion of the training part."
    )
    say(f"Written: {options.out / GAP}")
