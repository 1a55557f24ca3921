"""A training run from files to a package's ingredients, resumable at every epoch."""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from inference.engine.architectures import build_classifier
from inference.engine.package import Architecture
from inference.training.distributed import Ranks, joined_ranks
from inference.training.image_cache import cached_images
from inference.training.image_set import ImageSet
from inference.training.initial_weights import load_initial_weights
from inference.training.kept_apart import write_kept_apart
from inference.training.memory import keep_freed_memory
from inference.training.provenance import RUN, write_run
from inference.training.recipe import Recipe, refuse_other_settings
from inference.training.records import DataError
from inference.training.run_lock import only_run_in
from inference.training.splits import group_records
from inference.training.trainer import Trainer
from inference.training.training_data import (
    Source,
    TrainingData,
    part_at_cache_size,
    part_at_evaluation_size,
    prepare,
    refuse_empty_classes,
)

CHECKPOINT = "checkpoint.pt"
NORM_IMAGES = 1024  # the batch-norm statistics no longer move with more


def train(
    recipe: Recipe,
    *,
    images: Path,
    metadata: Path,
    further: Sequence[Source] = (),
    out: Path,
    initial_weights: Path | None = None,
    cache: Path | None = None,
    split: Path | None = None,
    leave_out_repeated: bool = False,
    device: str = "auto",
) -> Path:
    """Train to the recipe's end, resuming what ``out`` holds; returns the checkpoint's path.

    Under ``torchrun`` on all of its processes; only the first one writes to ``out``, but each
    machine needs the images and a cache of its own. Raises DataError.
    """
    keep_freed_memory()
    out.mkdir(parents=True, exist_ok=True)
    cache, checkpoint = cache or out / "cache", out / CHECKPOINT
    source = Source(images, metadata)
    with joined_ranks(device) as ranks, only_run_in(out) if ranks.first else nullcontext():
        with ranks.in_turn():
            data = prepare(
                recipe,
                source,
                further=further,
                out=out,
                cache=cache,
                split=split,
                leave_out_repeated=leave_out_repeated,
            )
            refuse_empty_classes(recipe, data)
            parts = training_parts(recipe, data, cache=cache)
        _refuse_unlike_data(data, ranks)
        state = ranks.from_first(lambda: unfinished_run(checkpoint, recipe))
        trainer = begun_trainer(recipe, parts, ranks, initial_weights=initial_weights, state=state)
        if ranks.first and state is None:
            write_run(out / RUN, recipe, data, initial_weights, processes=ranks.count)
        trainer.run(checkpoint)
        if ranks.first:
            write_kept_apart(trainer, data, cache=cache, out=out)
    return checkpoint


def training_parts(recipe: Recipe, data: TrainingData, *, cache: Path) -> dict[str, Any]:
    """What a trainer learns from and is validated on, by the names of its arguments."""
    train_ids = data.split.parts["train"]
    some = np.linspace(0, len(train_ids) - 1, min(NORM_IMAGES, len(train_ids))).astype(int)
    return {
        "train": part_at_cache_size(recipe, data, "train"),
        "validation": _with_lesions(
            part_at_evaluation_size(recipe, data, "validation", cache=cache), data
        ),
        "norm_images": cached_images(
            data.paths,
            [train_ids[index] for index in some],
            size=recipe.evaluation_size,
            folder=cache,
        ),
    }


def _with_lesions(validation: ImageSet, data: TrainingData) -> ImageSet:
    lesions = group_records(data.records)
    shown = tuple(lesions[image_id] for image_id in data.split.parts["validation"])
    return replace(validation, lesions=shown)


def begun_trainer(
    recipe: Recipe,
    parts: dict[str, Any],
    ranks: Ranks,
    *,
    initial_weights: Path | None,
    state: dict[str, Any] | None,
) -> Trainer:
    """A trainer at its beginning, or where ``state`` left off."""
    torch.manual_seed(recipe.seed)
    model = build_classifier(
        Architecture(recipe.architecture, recipe.arguments),
        classes=len(recipe.classes),
        dropout=recipe.dropout,
    )
    loaded: frozenset[str] = frozenset()
    if state:
        loaded = frozenset(state["loaded"])
    elif initial_weights:
        start = initial_weights
        # The other ranks get the tensors themselves when the trainer starts.
        loaded = ranks.from_first(lambda: load_initial_weights(model, start, recipe))
    trainer = Trainer(recipe, model, **parts, loaded=loaded, ranks=ranks)
    if state:
        trainer.resume(state)
    return trainer


def unfinished_run(checkpoint: Path, recipe: Recipe) -> dict[str, Any] | None:
    """What ``Trainer.save`` wrote, if it did. Raises DataError where that was another recipe's."""
    if not checkpoint.exists():
        return None
    state: dict[str, Any] = torch.load(checkpoint, map_location="cpu", weights_only=True)
    refuse_other_settings(Recipe.from_dict(state["recipe"]), recipe, checkpoint.parent)
    return state


def _refuse_unlike_data(data: TrainingData, ranks: Ranks) -> None:
    if len(set(ranks.gather((data.digest, data.split.digest)))) > 1:
        raise DataError(
            "The machines have different images or splits: give all of them the same data, and the "
            "first one's split.json with --split."
        )
