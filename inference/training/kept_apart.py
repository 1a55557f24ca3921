"""After training: the network's answers on the images kept apart, and what is familiar to it."""

from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from inference.engine.familiarity import Familiarity
from inference.training.familiarity import FAMILIARITY, FamiliarityFit, fit_familiarity
from inference.training.image_cache import cached_images
from inference.training.network_outputs import (
    NetworkOutputs,
    network_outputs,
    round_to_half_precision,
)
from inference.training.outputs import OUTPUTS, PARTS, PartOutputs, write_outputs
from inference.training.recipe import DataRecipe
from inference.training.strange_images import KINDS, strange_images
from inference.training.trainer import Trainer
from inference.training.training_data import TrainingData, part_at_evaluation_size

FAMILIAR_IMAGES = 2048  # training images that span what is familiar
STRANGE_IMAGES = 64  # of each kind


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
            validation_features = answers[served].features
    write_outputs(out / OUTPUTS, outputs)
    train_ids = data.split.parts["train"]
    some = np.linspace(0, len(train_ids) - 1, min(FAMILIAR_IMAGES, len(train_ids))).astype(int)
    size, eight = recipe.evaluation_size, served == "d4"
    # One view each: what eight views of so few images span, more images span as well, sooner.
    familiar = cached_images(data.paths, [train_ids[i] for i in some], size=size, folder=cache)
    mean, components = fit_familiarity(answer(familiar, eight=False).features)
    unscaled = Familiarity(mean, components, threshold=1.0)
    strange = {
        kind: unscaled.strangeness(
            answer(
                strange_images(kind, STRANGE_IMAGES, size=size, seed=recipe.seed), eight=eight
            ).features
        )
        for kind in KINDS
    }
    fit = FamiliarityFit(mean, components, unscaled.strangeness(validation_features), strange)
    fit.write(out / FAMILIARITY)
