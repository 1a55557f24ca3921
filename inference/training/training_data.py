"""From files to the parts of a split: records, pixels, groups, labels."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inference.training.duplicates import find_near_duplicates
from inference.training.image_cache import cached_images
from inference.training.recipe import Recipe
from inference.training.records import DataError, Record, find_images, read_records
from inference.training.splits import Split, group_records, hold_out, refuse_leaks
from inference.training.trainer import ImageSet

SPLIT = "split.json"


@dataclass(frozen=True)
class TrainingData:
    """The records in CSV order, their pixels at the cache size, and the split that holds."""

    records: list[Record]
    paths: dict[str, Path]
    pixels: NDArray[np.uint8]
    split: Split
    digest: str


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


def refuse_empty_classes(recipe: Recipe, data: TrainingData) -> None:
    """Raise DataError when a class of the recipe has no training image."""
    trained = set(_labels(recipe, data, "train").tolist())
    absent = [code for index, code in enumerate(recipe.classes) if index not in trained]
    if absent:
        raise DataError(f"There are no training images of the class {', '.join(absent)}.")


def _labels(recipe: Recipe, data: TrainingData, part: str) -> NDArray[np.int64]:
    label_of = {record.image_id: record.label for record in data.records}
    index_of = {code: index for index, code in enumerate(recipe.classes)}
    labels = [index_of[label_of[image_id]] for image_id in data.split.parts[part]]
    return np.array(labels, dtype=np.int64)
