"""A training run from files to a checkpoint: read, group, split, decode, train."""

import json
import platform
import subprocess
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from inference.engine.architectures import build_classifier
from inference.engine.package import Architecture
from inference.training.duplicates import find_near_duplicates
from inference.training.image_cache import cached_images
from inference.training.initial_weights import load_initial_weights
from inference.training.memory import keep_freed_memory
from inference.training.outputs import OUTPUTS, PARTS, PartOutputs, write_outputs
from inference.training.recipe import Recipe
from inference.training.records import DataError, Record, find_images, read_records
from inference.training.splits import Split, group_records, hold_out, refuse_leaks
from inference.training.trainer import (
    ImageSet,
    Trainer,
    predict_logits,
    round_to_half_precision,
)

CHECKPOINT, SPLIT, RUN = "checkpoint.pt", "split.json", "run.json"
NORM_IMAGES = 1024  # the batch-norm statistics no longer move with more


@dataclass(frozen=True)
class TrainingData:
    """The records in CSV order, their pixels at the cache size, and the split that holds."""

    records: list[Record]
    paths: dict[str, Path]
    pixels: NDArray[np.uint8]
    split: Split
    digest: str


def train(
    recipe: Recipe,
    *,
    images: Path,
    metadata: Path,
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
    data = prepare(recipe, images=images, metadata=metadata, out=out, cache=cache, split=split)
    _refuse_empty_classes(recipe, data)
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
    _write_run(out / RUN, recipe, data, initial_weights)
    if checkpoint.exists():
        trainer.resume(checkpoint)
    trainer.run(checkpoint)
    if not (out / OUTPUTS).exists():
        write_outputs(out / OUTPUTS, _kept_apart(trainer, data, cache=cache))
    return checkpoint


def _kept_apart(trainer: Trainer, data: TrainingData, *, cache: Path) -> dict[str, PartOutputs]:
    """What the averaged network answers on validation and test, with weights as packaged."""
    model = round_to_half_precision(trainer.averaged_model)
    record_of = {record.image_id: record for record in data.records}
    ways = {"none", trainer.recipe.test_time_augmentation}
    outputs = {}
    for part in PARTS:
        images = part_at_evaluation_size(trainer.recipe, data, part, cache=cache)
        logits = {
            way: predict_logits(model, images, trainer.recipe, trainer.device, eight=way == "d4")
            for way in sorted(ways)
        }
        records = tuple(record_of[image_id] for image_id in data.split.parts[part])
        outputs[part] = PartOutputs(records, logits)
    return outputs


def prepare(
    recipe: Recipe,
    *,
    images: Path,
    metadata: Path,
    out: Path,
    cache: Path,
    split: Path | None = None,
) -> TrainingData:
    """Read records, decode images, join near duplicates, and make or check the split.

    A split that ``out`` already holds (or that ``split`` names) is kept, and checked for leaks.
    """
    records = read_records(metadata)
    unknown = sorted({record.label for record in records} - set(recipe.classes))
    if unknown:
        raise DataError(f"The recipe {recipe.name} does not know the label {', '.join(unknown)}.")
    ids = [record.image_id for record in records]
    paths = find_images(images, ids)
    pixels = cached_images(paths, ids, size=recipe.cache_size, folder=cache)
    duplicates = [(ids[first], ids[second]) for first, second in find_near_duplicates(pixels)]
    groups = group_records(records, duplicates)
    kept = out / SPLIT
    if split or kept.exists():
        division = Split.read(split or kept)
        refuse_leaks(division.parts, groups)
    else:
        division = hold_out(records, groups, seed=recipe.seed)
    division.write(kept)
    digest = sha256(metadata.read_bytes()).hexdigest()
    return TrainingData(records, paths, pixels, division, digest)


def part_at_cache_size(recipe: Recipe, data: TrainingData, part: str) -> ImageSet:
    row_of = {record.image_id: row for row, record in enumerate(data.records)}
    rows = np.array([row_of[image_id] for image_id in data.split.parts[part]], dtype=np.int64)
    return ImageSet(data.pixels, rows, _labels(recipe, data, part))


def part_at_evaluation_size(
    recipe: Recipe, data: TrainingData, part: str, *, cache: Path
) -> ImageSet:
    """The part's images exactly as in service: decoded and resized by the same function."""
    ids = data.split.parts[part]
    pixels = cached_images(data.paths, ids, size=recipe.evaluation_size, folder=cache)
    return ImageSet(pixels, np.arange(len(ids)), _labels(recipe, data, part))


def _refuse_empty_classes(recipe: Recipe, data: TrainingData) -> None:
    trained = set(_labels(recipe, data, "train").tolist())
    absent = [code for index, code in enumerate(recipe.classes) if index not in trained]
    if absent:
        raise DataError(f"There are no training images of the class {', '.join(absent)}.")


def _labels(recipe: Recipe, data: TrainingData, part: str) -> NDArray[np.int64]:
    label_of = {record.image_id: record.label for record in data.records}
    index_of = {code: index for index, code in enumerate(recipe.classes)}
    labels = [index_of[label_of[image_id]] for image_id in data.split.parts[part]]
    return np.array(labels, dtype=np.int64)


def _write_run(
    path: Path, recipe: Recipe, data: TrainingData, initial_weights: Path | None
) -> None:
    """Where a run came from, for the package: data, split, code, machine."""
    run: dict[str, Any] = {
        "recipe": recipe.as_dict(),
        "data_digest": data.digest,
        "split_digest": data.split.digest,
        "images": {name: len(ids) for name, ids in data.split.parts.items()},
        "initial_weights": initial_weights.name if initial_weights else None,
        "git_revision": _git_revision(),
        "hardware": _hardware(),
    }
    path.write_text(json.dumps(run, indent=1) + "\n", encoding="utf-8")


def _git_revision() -> str:
    try:
        answer = subprocess.run(
            ["git", "rev-parse", "HEAD"],  # noqa: S607
            capture_output=True,
            text=True,
            check=True,
            cwd=Path(__file__).parent,
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return answer.stdout.strip()


def _hardware() -> str:
    if torch.cuda.is_available():
        return torch.cuda.get_device_name()
    models = [
        line.partition(":")[2].strip()
        for line in _lines(Path("/proc/cpuinfo"))
        if line.startswith("model name")
    ]
    name = models[0] if models else platform.processor() or platform.machine()
    return f"{torch.get_num_threads()} CPU threads, {name}"


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []
