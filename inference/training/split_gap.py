"""What a split by image feigns: its only purpose is to show the mistake.

HAM10000 shows many lesions in several images. A random split by image puts pictures of one lesion
into training and test, and the test then asks, in part, for what was learned by heart. The recipe
is trained a second time on such a split, with equally many images of every class in every part, so
that nothing differs but the leak. The network that saw the leak is thrown away, and the ``train``
command goes on refusing every split that leaks.
"""

import json
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from inference.training.distributed import Ranks, joined_ranks
from inference.training.measures import Floats, softmax
from inference.training.network_outputs import network_outputs, round_to_half_precision
from inference.training.outputs import OUTPUTS, PARTS, PartOutputs, read_outputs
from inference.training.progress_file import PROGRESS
from inference.training.recipe import Recipe
from inference.training.records import DataError, Record
from inference.training.resampling import Resamples, between, rounded
from inference.training.run import begun_trainer, train, training_parts, unfinished_run
from inference.training.splits import Split, group_records
from inference.training.training_data import (
    Source,
    TrainingData,
    part_at_evaluation_size,
    prepare,
)
from inference.training.weighted_measures import (
    area_under_roc,
    balanced_accuracy,
    mean_of_defined,
)

GAP = "split_gap.json"
LEAKING = "image_split"  # a folder that is there while its network trains


def measure_split_gap(
    recipe: Recipe,
    *,
    images: Path,
    metadata: Path,
    out: Path,
    initial_weights: Path | None = None,
    cache: Path | None = None,
    split: Path | None = None,
    device: str = "auto",
) -> dict[str, Any]:
    """Write split_gap.json into ``out``, where the recipe's run is or will be; returns it.

    First trains the recipe on its split by lesion, as ``train`` does: a finished run in ``out``
    stays as it is. Both networks are measured on what their split kept apart, validation and test
    together, on uncalibrated answers::

        {"recipe": name, "settings": {...}, "held_out": ["validation", "test"],
         "lesion_split": {"balanced_accuracy", "balanced_accuracy_interval", "macro_auc",
                          "macro_auc_interval", "images"},
         "image_split": {the same, "images_with_their_lesion_in_training": share},
         "gap": {"balanced_accuracy", "balanced_accuracy_interval", "macro_auc", ...}}

    Raises DataError.
    """
    cache = cache or out / "cache"
    train(
        recipe,
        images=images,
        metadata=metadata,
        out=out,
        initial_weights=initial_weights,
        cache=cache,
        split=split,
        device=device,
    )
    if (out / GAP).exists():
        written: dict[str, Any] = json.loads((out / GAP).read_text(encoding="utf-8"))
        return written
    data = prepare(recipe, Source(images, metadata), out=out, cache=cache)
    leaking = replace(data, split=image_level_split(data.records, data.split))
    with joined_ranks(device) as ranks:
        if ranks.count > 1:
            raise DataError("The gap is measured by one process: start it without torchrun.")
        seen = _answers_with_leak(
            recipe, leaking, ranks, out=out, cache=cache, initial_weights=initial_weights
        )
    outputs = read_outputs(out / OUTPUTS)
    gap = split_gap(recipe, [outputs[part] for part in PARTS], seen, leaking)
    (out / GAP).write_text(json.dumps(gap, indent=1) + "\n", encoding="utf-8")
    return gap


def image_level_split(records: Sequence[Record], split: Split) -> Split:
    """The mistake: each class's images dealt at random, whatever lesion they show.

    Every part keeps as many images of every class as it has in ``split``.
    """
    label_of = {record.image_id: record.label for record in records}
    shuffled: dict[str, list[str]] = defaultdict(list)
    for image_id in sorted(image_id for ids in split.parts.values() for image_id in ids):
        shuffled[label_of[image_id]].append(image_id)
    for label in sorted(shuffled):
        random.Random(f"{split.seed}:{label}").shuffle(shuffled[label])  # noqa: S311
    dealt = {
        part: tuple(sorted(shuffled[label_of[image_id]].pop() for image_id in ids))
        for part, ids in split.parts.items()
    }
    return Split(split.seed, dealt)


def split_gap(
    recipe: Recipe,
    by_lesion: Sequence[PartOutputs],
    by_image: Sequence[PartOutputs],
    leaking: TrainingData,
) -> dict[str, Any]:
    """The document of ``measure_split_gap``, from the answers on each split's parts kept apart."""
    honest, honest_values = _figures(recipe, by_lesion, seed=recipe.seed)
    feigned, feigned_values = _figures(recipe, by_image, seed=recipe.seed + 1)
    gap: dict[str, Any] = {}
    for name, values in feigned_values.items():
        gap[name] = rounded(feigned[name] - honest[name])
        gap[f"{name}_interval"] = between(values - honest_values[name])
    return {
        "recipe": recipe.name,
        "settings": recipe.as_dict(),
        "held_out": list(PARTS),
        "lesion_split": honest,
        "image_split": feigned
        | {"images_with_their_lesion_in_training": rounded(_share_known(leaking))},
        "gap": gap,
    }


def _answers_with_leak(
    recipe: Recipe,
    leaking: TrainingData,
    ranks: Ranks,
    *,
    out: Path,
    cache: Path,
    initial_weights: Path | None,
) -> list[PartOutputs]:
    """Train on the leaking split and answer its parts kept apart; the network is not kept."""
    checkpoint = out / LEAKING / "checkpoint.pt"
    checkpoint.parent.mkdir(exist_ok=True)
    trainer = begun_trainer(
        recipe,
        training_parts(recipe, leaking, cache=cache),
        ranks,
        initial_weights=initial_weights,
        state=unfinished_run(checkpoint, recipe),
    )
    trainer.run(checkpoint)
    model = round_to_half_precision(trainer.averaged_model)
    record_of = {record.image_id: record for record in leaking.records}
    way = recipe.test_time_augmentation
    answers = []
    for part in PARTS:
        pixels = part_at_evaluation_size(recipe, leaking, part, cache=cache).pixels
        logits = network_outputs(model, pixels, recipe, ranks.device, eight=way == "d4").logits
        shown = tuple(record_of[image_id] for image_id in leaking.split.parts[part])
        answers.append(PartOutputs(shown, {way: logits}))
    checkpoint.unlink()
    checkpoint.with_name(PROGRESS).unlink(missing_ok=True)
    checkpoint.parent.rmdir()
    return answers


def _figures(
    recipe: Recipe, parts: Sequence[PartOutputs], *, seed: int
) -> tuple[dict[str, Any], dict[str, Floats]]:
    """Balanced accuracy and macro AUC with intervals, and their values on resampled lesions."""
    logits = np.concatenate([part.logits_with(recipe.test_time_augmentation) for part in parts])
    labels = np.concatenate([part.labels(recipe.classes) for part in parts])
    probabilities, predicted = softmax(logits), logits.argmax(axis=1)

    def macro_auc(weights: Floats) -> Floats:
        areas = [
            area_under_roc(weights, probabilities[:, index], labels == index)
            for index in range(len(recipe.classes))
        ]
        return mean_of_defined(np.stack(areas, axis=1))

    lesions = [record.lesion_id for part in parts for record in part.records]
    resamples = Resamples.of_lesions(lesions, seed=seed)
    figures: dict[str, Any] = {"images": len(labels)}
    values: dict[str, Floats] = {}
    for name, measure in (
        ("balanced_accuracy", lambda weights: balanced_accuracy(weights, predicted, labels)),
        ("macro_auc", macro_auc),
    ):
        values[name] = resamples.values(measure)
        figures[name] = rounded(resamples.estimate(measure))
        figures[f"{name}_interval"] = between(values[name])
    return figures, values


def _share_known(leaking: TrainingData) -> float:
    """The share of the images kept apart whose lesion (or patient) has an image in training."""
    groups = group_records(leaking.records)
    trained = {groups[image_id] for image_id in leaking.split.parts["train"]}
    held_out = [image_id for part in PARTS for image_id in leaking.split.parts[part]]
    return sum(groups[image_id] in trained for image_id in held_out) / len(held_out)
