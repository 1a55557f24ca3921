"""After training: the network's answers on the images kept apart, and what is familiar to it."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from inference.engine.familiarity import BareSkin, Familiarity
from inference.training.bare_skin import bare_corners
from inference.training.familiarity import (
    FAMILIARITY,
    Energy,
    FamiliarityFit,
    energy_of,
    fit_bare_skin,
    fit_familiarity,
)
from inference.training.familiarity import BareSkin as FittedBareSkin
from inference.training.image_cache import cached_images
from inference.training.measures import Floats
from inference.training.network_outputs import (
    NetworkOutputs,
    network_outputs,
    round_to_half_precision,
)
from inference.training.outputs import OUTPUTS, PARTS, PartOutputs, write_outputs
from inference.training.recipe import DataRecipe
from inference.training.strange_images import KINDS, strange_images
from inference.training.trainer import Trainer
from inference.training.training_data import (
    TrainingData,
    part_at_cache_size,
    part_at_evaluation_size,
)

FAMILIAR_IMAGES = 2048  # training images that span what is familiar
STRANGE_IMAGES = 64  # of each kind
BARE_SKIN_IMAGES = 256


class Answering(Protocol):
    """What a trained model answers to uint8 (N, size, size, 3) images."""

    def __call__(self, images: NDArray[np.uint8], /, *, eight: bool) -> NetworkOutputs:
        """``eight``: the mean over the D4 views."""


def write_kept_apart(trainer: Trainer, data: TrainingData, *, cache: Path, out: Path) -> None:
    """Write outputs.json and familiarity.npz of a network to ``out``, unless they are there."""
    model = round_to_half_precision(trainer.averaged_model)

    def answer(images: NDArray[np.uint8], *, eight: bool) -> NetworkOutputs:
        return network_outputs(model, images, trainer.recipe, trainer.device, eight=eight)

    write_answers_kept_apart(trainer.recipe, answer, data, cache=cache, out=out)


def write_answers_kept_apart(
    recipe: DataRecipe, answer: Answering, data: TrainingData, *, cache: Path, out: Path
) -> None:
    """Write outputs.json and familiarity.npz to ``out``, unless they are there."""
    if (out / OUTPUTS).exists() and (out / FAMILIARITY).exists():
        return
    record_of = {record.image_id: record for record in data.records}
    served = recipe.test_time_augmentation
    outputs: dict[str, PartOutputs] = {}
    for part in PARTS:
        images = part_at_evaluation_size(recipe, data, part, cache=cache).pixels
        answers = {way: answer(images, eight=way == "d4") for way in sorted({"none", served})}
        outputs[part] = PartOutputs(
            tuple(record_of[image_id] for image_id in data.split.parts[part]),
            {way: answer.logits for way, answer in answers.items()},
        )
        if part == "validation":
            validation = answers[served]
    write_outputs(out / OUTPUTS, outputs)
    fit = _fit_familiarity(recipe, answer, data, validation, cache=cache)
    fit.write(out / FAMILIARITY)


def _fit_familiarity(
    recipe: DataRecipe,
    answer: Answering,
    data: TrainingData,
    validation: NetworkOutputs,
    *,
    cache: Path,
) -> FamiliarityFit:
    """From a part of the training images; validated on answers as in service."""
    train_ids = data.split.parts["train"]
    some = np.linspace(0, len(train_ids) - 1, min(FAMILIAR_IMAGES, len(train_ids))).astype(int)
    size, eight = recipe.evaluation_size, recipe.test_time_augmentation == "d4"
    familiar = cached_images(data.paths, [train_ids[i] for i in some], size=size, folder=cache)
    # One view each: what eight views of so few images span, more images span as well, sooner.
    features = answer(familiar, eight=False).features
    mean, components = fit_familiarity(features)
    train = part_at_cache_size(recipe, data, "train")
    larger = train.pixels[train.rows[some[::3]]]
    skin = np.concatenate(
        [
            bare_corners(larger, count=BARE_SKIN_IMAGES, size=size),
            # Others than those of the measurement below.
            strange_images("plain skin", STRANGE_IMAGES, size=size, seed=recipe.seed + 10_000),
        ]
    )
    direction, intercept = fit_bare_skin(features, answer(skin, eight=False).features)
    bare_skin = BareSkin(direction, intercept, threshold=1.0)
    subspace = Familiarity(mean, components, threshold=1.0)
    strange = {
        kind: answer(strange_images(kind, STRANGE_IMAGES, size=size, seed=recipe.seed), eight=eight)
        for kind in KINDS
    }

    def scores(
        score: Callable[[NetworkOutputs], Floats],
    ) -> tuple[Floats, dict[str, Floats]]:
        return score(validation), {kind: score(found) for kind, found in strange.items()}

    return FamiliarityFit(
        mean,
        components,
        *scores(lambda found: subspace.residual(found.features)),
        FittedBareSkin(
            direction, intercept, *scores(lambda found: bare_skin.chance(found.features))
        ),
        Energy(*scores(lambda found: energy_of(found.logits))),
    )
