"""Gradient-boosted trees from files to a package's ingredients, resumable every few rounds."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm
from xgboost import Booster, DMatrix, QuantileDMatrix

from inference.engine.preprocess import to_batch
from inference.engine.trees import MAP_SIDE, PixelTrees, block_sums
from inference.engine.views import COUNT, view_of, views_of
from inference.training.kept_apart import write_answers_kept_apart
from inference.training.measures import balanced_accuracy, macro_auc, softmax
from inference.training.network_outputs import NetworkOutputs
from inference.training.pixel_trees_recipe import PixelTreesRecipe
from inference.training.progress_file import PROGRESS, ProgressFile
from inference.training.provenance import RUN, write_run
from inference.training.recipe import refuse_other_settings
from inference.training.records import DataError
from inference.training.run_lock import only_run_in
from inference.training.training_data import (
    Source,
    TrainingData,
    part_at_evaluation_size,
    prepare,
    refuse_empty_classes,
)
from inference.training.xgboost_trees import TreeArrays, complete_trees

CHECKPOINT = "checkpoint.pt"
BOOSTER = "booster"  # where a checkpoint holds xgboost's own model
SAVE_EVERY = 10  # rounds
BINS = 64  # of a pixel's values: its noise is coarser than that
ANSWERED_AT_ONCE = 64  # images


@dataclass
class Growth:
    """What a resumed run must know beside the trees."""

    round: int = 0
    best_round: int = 0
    best_loss: float = float("inf")
    seconds: float = 0.0
    finished: bool = False
    history: list[dict[str, float]] = field(default_factory=list)


def train_pixel_trees(
    recipe: PixelTreesRecipe,
    *,
    images: Path,
    metadata: Path,
    further: Sequence[Source] = (),
    out: Path,
    cache: Path | None = None,
    split: Path | None = None,
    leave_out_repeated: bool = False,
) -> Path:
    """Grow trees until validation no longer improves, resuming what ``out`` holds.

    Returns the checkpoint's path. As many threads are used as torch would.
    """
    if recipe.evaluation_size % recipe.side or recipe.side % MAP_SIDE:
        raise DataError(
            f"The setting side takes a multiple of {MAP_SIDE} that divides the evaluation size "
            f"{recipe.evaluation_size}, not {recipe.side}."
        )
    out.mkdir(parents=True, exist_ok=True)
    cache = cache or out / "cache"
    source = Source(images, metadata)
    checkpoint = out / CHECKPOINT
    with only_run_in(out):
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
        write_run(out / RUN, recipe, data, None)
        trees = Forest(recipe, data, cache=cache).grow(checkpoint)
        model = PixelTrees(**vars(trees), side=recipe.side, preprocessing=recipe.preprocessing)

        def answer(pixels: NDArray[np.uint8], *, eight: bool) -> NetworkOutputs:
            return trees_outputs(model, pixels, eight=eight)

        write_answers_kept_apart(recipe, answer, data, cache=cache, out=out)
    return checkpoint


class Forest:
    """Trees of every class while they grow; best by the balanced log loss on validation."""

    def __init__(self, recipe: PixelTreesRecipe, data: TrainingData, *, cache: Path) -> None:
        self.recipe = recipe
        views = {"none": 1, "d4": COUNT}[recipe.views]
        train = part_at_evaluation_size(recipe, data, "train", cache=cache)
        validation = part_at_evaluation_size(recipe, data, "validation", cache=cache)
        counts = np.bincount(train.labels, minlength=len(recipe.classes))
        self.weight_of_class = counts.astype(float) ** -recipe.class_balance
        self.labels = validation.labels
        rows = np.concatenate([_rows(train.pixels, recipe.side, view) for view in range(views)])
        labels = np.tile(train.labels, views)
        weights = self.weight_of_class[labels]
        self.train = QuantileDMatrix(rows, labels, weight=weights / weights.mean(), max_bin=BINS)
        self.validation = DMatrix(_rows(validation.pixels, recipe.side, 0))
        self.growth = Growth()

    def grow(self, checkpoint: Path) -> TreeArrays:
        """Grow to the end, writing ``checkpoint`` every few rounds; returns the best trees."""
        booster = self._resumed(checkpoint)
        growth, recipe = self.growth, self.recipe
        reported = ProgressFile(checkpoint.with_name(PROGRESS), epochs=recipe.rounds)
        reported.epochs_are(growth.history)
        bar = tqdm(total=recipe.rounds, initial=growth.round, desc="Rounds", mininterval=5)
        while not growth.finished:
            started = time.monotonic()
            booster.update(self.train, growth.round)
            growth.round += 1
            measured = self._measure(booster)
            if measured["loss"] < growth.best_loss:
                growth.best_round, growth.best_loss = growth.round, measured["loss"]
            overdue = growth.round - growth.best_round >= recipe.early_stopping
            growth.finished = overdue or growth.round >= recipe.rounds
            growth.seconds += time.monotonic() - started
            bar.update()
            reported.step(growth.round % SAVE_EVERY, SAVE_EVERY)
            if growth.finished or growth.round % SAVE_EVERY == 0:
                row = {"epoch": float(growth.round), **measured, "seconds": growth.seconds}
                growth.history.append({key: round(value, 4) for key, value in row.items()})
                bar.set_postfix({key: f"{value:.4f}" for key, value in measured.items()})
                self._save(booster, checkpoint)
                reported.epochs_are(growth.history)
                # As a resumed run begins: xgboost's random numbers start with a booster.
                booster = self._booster(booster.save_raw("ubj"))
        bar.close()
        return best_trees(booster, recipe, rounds=growth.best_round)

    def _resumed(self, checkpoint: Path) -> Booster:
        """A new booster, or the one that ``checkpoint`` holds."""
        if not checkpoint.exists():
            return self._booster(None)
        state: dict[str, Any] = torch.load(checkpoint, weights_only=True)
        begun = PixelTreesRecipe.from_dict(state["recipe"])
        refuse_other_settings(begun, self.recipe, checkpoint.parent)
        self.growth = Growth(**state["growth"])
        return self._booster(state[BOOSTER])

    def _booster(self, model: bytearray | None) -> Booster:
        return Booster(self._settings(), [self.train, self.validation], model)

    def _settings(self) -> dict[str, Any]:
        recipe = self.recipe
        return {
            "objective": "multi:softprob",
            "num_class": len(recipe.classes),
            "base_score": 0.0,  # all of the answer is in the trees
            "tree_method": "hist",
            "max_bin": BINS,
            "max_depth": recipe.depth,
            "eta": recipe.learning_rate,
            "subsample": recipe.image_share,
            "colsample_bynode": recipe.pixel_share,
            "nthread": torch.get_num_threads(),
            "seed": recipe.seed * 10_000 + self.growth.round,
        }

    def _measure(self, booster: Booster) -> dict[str, float]:
        """The mean over classes of their images' log loss, and what a network's run measures."""
        margins = booster.predict(self.validation, output_margin=True).astype(np.float64)
        probabilities = softmax(margins)
        weights = self.weight_of_class[self.labels]
        true = probabilities[np.arange(len(self.labels)), self.labels]
        loss = -np.average(np.log(np.maximum(true, 1e-12)), weights=weights)
        return {
            "loss": float(loss),
            "balanced_accuracy": balanced_accuracy(probabilities.argmax(axis=1), self.labels),
            "macro_auc": macro_auc(probabilities, self.labels),
        }

    def _save(self, booster: Booster, path: Path) -> None:
        partial = path.with_suffix(".partial")
        recipe, growth = self.recipe.as_dict(), vars(self.growth)
        state = {"recipe": recipe, "growth": growth, BOOSTER: booster.save_raw("ubj")}
        torch.save(state, partial)
        partial.replace(path)


def best_trees(booster: Booster, recipe: PixelTreesRecipe, *, rounds: int) -> TreeArrays:
    """The first ``rounds`` of a booster, as a package holds them."""
    return complete_trees(booster[:rounds], classes=len(recipe.classes), depth=recipe.depth)


def trees_outputs(
    model: PixelTrees, pixels: NDArray[np.uint8], *, eight: bool = False
) -> NetworkOutputs:
    """Answer uint8 (N, size, size, 3) as in service; ``eight``: the mean of the D4 views."""
    logits, features = [], []
    for start in range(0, len(pixels), ANSWERED_AT_ONCE):
        batch = to_batch([*pixels[start : start + ANSWERED_AT_ONCE]], model.preprocessing)
        passes = [model.forward(view) for view in (views_of(batch) if eight else [batch])]
        logits.append(np.mean([output.logits for output in passes], axis=0, dtype=np.float64))
        features.append(np.mean([output.features for output in passes], axis=0, dtype=np.float64))
    return NetworkOutputs(np.concatenate(logits), np.concatenate(features))


def _rows(pixels: NDArray[np.uint8], side: int, view: int) -> NDArray[np.float32]:
    """One view of uint8 (N, size, size, 3) as the trees see it: (N, 3 * side * side)."""
    images = np.ascontiguousarray(pixels.transpose(0, 3, 1, 2))
    return block_sums(np.ascontiguousarray(view_of(images, view)), side).astype(np.float32)
