"""A training run from files to a package's ingredients, resumable at every epoch."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from inference.engine.architectures import build_classifier
from inference.engine.package import Architecture
from inference.training.image_cache import cached_images
from inference.training.initial_weights import load_initial_weights
from inference.training.kept_apart import write_kept_apart
from inference.training.memory import keep_freed_memory
from inference.training.provenance import RUN, write_run
from inference.training.recipe import Recipe
from inference.training.trainer import Trainer
from inference.training.training_data import (
    Source,
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
    device: str = "cpu",
) -> Path:
    """Train to the recipe's end, resuming what ``out`` holds; returns the checkpoint's path."""
    keep_freed_memory()
    torch.manual_seed(recipe.seed)
    out.mkdir(parents=True, exist_ok=True)
    cache = cache or out / "cache"
    source = Source(images, metadata)
    data = prepare(recipe, source, further=further, out=out, cache=cache, split=split)
    refuse_empty_classes(recipe, data)
    model = build_classifier(
        Architecture(recipe.architecture, recipe.arguments),
        classes=len(recipe.classes),
        dropout=recipe.dropout,
    )
    loaded: frozenset[str] = frozenset()
    if initial_weights:
        loaded = load_initial_weights(model, initial_weights)
    train_ids = data.split.parts["train"]
    some = np.linspace(0, len(train_ids) - 1, min(NORM_IMAGES, len(train_ids))).astype(int)
    trainer = Trainer(
        recipe,
        model,
        train=part_at_cache_size(recipe, data, "train"),
        validation=part_at_evaluation_size(recipe, data, "validation", cache=cache),
        norm_images=cached_images(
            data.paths,
            [train_ids[index] for index in some],
            size=recipe.evaluation_size,
            folder=cache,
        ),
        loaded=loaded,
        device=device,
    )
    checkpoint = out / CHECKPOINT
    write_run(out / RUN, recipe, data, initial_weights)
    if checkpoint.exists():
        trainer.resume(checkpoint)
    trainer.run(checkpoint)
    write_kept_apart(trainer, data, cache=cache, out=out)
    return checkpoint
