"""From files to the parts of a split: records, pixels, groups, labels."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inference.training.duplicates import cached_near_duplicates
from inference.training.image_cache import cached_images
from inference.training.image_set import ImageSet
from inference.training.recipe import DataRecipe
from inference.training.records import DataError, Record, find_images, read_records
from inference.training.splits import (
    Split,
    group_records,
    hold_out,
    k_fold,
    refuse_leaks,
    refuse_unknown_images,
    with_further_images,
    without_images,
    without_repeated,
)

SPLIT = "split.json"
LEFT_OUT = ""  # what a recipe's label map gives labels that it does not train


@dataclass(frozen=True)
class Source:
    """A folder of images and the CSV that labels them."""

    images: Path
    metadata: Path


@dataclass(frozen=True)
class TrainingData:
    """The records in CSV order, their pixels at the cache size, and the split that holds.

    ``digest`` is the sha256 over every image's id, label and content; ``left_out`` counts the
    images that have no class in this recipe, by label; ``repeated`` those that were left out of
    training because they share a picture with a part kept apart.
    """

    records: list[Record]
    paths: dict[str, Path]
    pixels: NDArray[np.uint8]
    split: Split
    digest: str
    left_out: dict[str, int]
    repeated: int = 0


def prepare(
    recipe: DataRecipe,
    source: Source,
    *,
    further: Sequence[Source] = (),
    out: Path,
    cache: Path,
    split: Path | None = None,
    leave_out_repeated: bool = False,
) -> TrainingData:
    """Read records, decode images, join near duplicates, and make or check the split.

    A split that ``out`` already holds (or that ``split`` names) is kept, and checked for leaks.
    Images of ``further`` sources are trained on, never validated or tested on; a fifth of them is
    kept apart by itself (see ``splits.with_further_images``). ``leave_out_repeated`` mends a given
    split that near duplicates make leak (see ``splits.without_repeated``).
    """
    main, left_out = _relabelled(read_records(source.metadata), recipe)
    records, paths = list(main), find_images(source.images, [r.image_id for r in main])
    for another in further:
        added, unused = _relabelled(read_records(another.metadata), recipe)
        _refuse_repeated(added, paths, another.metadata)
        paths |= find_images(another.images, [record.image_id for record in added])
        records += added
        left_out += unused
    ids = [record.image_id for record in records]
    pixels = cached_images(paths, ids, size=recipe.cache_size, folder=cache)
    groups = group_records(records, cached_near_duplicates(paths, ids, pixels, folder=cache))
    kept, repeated = out / SPLIT, 0
    if split or kept.exists():
        division = without_images(Split.read(split or kept), {r.image_id for r in left_out})
        refuse_unknown_images(division, groups)
        if leave_out_repeated:
            division, repeated = without_repeated(division, groups)
        refuse_leaks(division.parts, groups)
    else:
        division = _split(recipe, main, groups)
        if further:
            division = with_further_images(division, records[len(main) :], groups)
    division.write(kept)
    digest = _digest(records, paths)
    unlabelled = dict(Counter(record.label for record in left_out))
    return TrainingData(records, paths, pixels, division, digest, unlabelled, repeated)


def _split(recipe: DataRecipe, records: Sequence[Record], groups: Mapping[str, str]) -> Split:
    if recipe.folds:
        return k_fold(records, groups, seed=recipe.split_seed, folds=recipe.folds, fold=recipe.fold)
    return hold_out(records, groups, seed=recipe.split_seed)


def _relabelled(records: Iterable[Record], recipe: DataRecipe) -> tuple[list[Record], list[Record]]:
    """The records by the recipe's classes, and those, as they were, that have none of them."""
    known = {code: code for code in recipe.classes} | recipe.label_map
    kept: list[Record] = []
    left_out: list[Record] = []
    for record in records:
        label = known.get(record.label)
        if label is None:
            raise DataError(
                f"The recipe {recipe.name} does not know the label {record.label}: give it a class "
                f'or leave it out, such as --set label_map=\'{{"{record.label}": ""}}\'.'
            )
        if label == LEFT_OUT:
            left_out.append(record)
        else:
            kept.append(replace(record, label=label))
    return kept, left_out


def _refuse_repeated(records: Iterable[Record], known: Mapping[str, Path], metadata: Path) -> None:
    repeated = [record.image_id for record in records if record.image_id in known]
    if repeated:
        raise DataError(
            f"{metadata.name} names {len(repeated)} images that another source has as well (the "
            f"first: {repeated[0]})."
        )


def _digest(records: Sequence[Record], paths: Mapping[str, Path]) -> str:
    """sha256 over ids, labels and files, whatever their order."""
    content = sha256()
    for record in sorted(records, key=lambda record: record.image_id):
        pixels = sha256(paths[record.image_id].read_bytes()).hexdigest()
        content.update(f"{record.image_id}:{record.label}:{pixels};".encode())
    return content.hexdigest()


def part_at_cache_size(recipe: DataRecipe, data: TrainingData, part: str) -> ImageSet:
    row_of = {record.image_id: row for row, record in enumerate(data.records)}
    rows = np.array([row_of[image_id] for image_id in data.split.parts[part]], dtype=np.int64)
    return ImageSet(data.pixels, rows, _labels(recipe, data, part))


def part_at_evaluation_size(
    recipe: DataRecipe, data: TrainingData, part: str, *, cache: Path
) -> ImageSet:
    """The part's images exactly as in service: decoded and resized by the same function."""
    ids = data.split.parts[part]
    pixels = cached_images(data.paths, ids, size=recipe.evaluation_size, folder=cache)
    return ImageSet(pixels, np.arange(len(ids)), _labels(recipe, data, part))


def refuse_empty_classes(recipe: DataRecipe, data: TrainingData) -> None:
    """Raise DataError when a class of the recipe has no training image."""
    trained = set(_labels(recipe, data, "train").tolist())
    absent = [code for index, code in enumerate(recipe.classes) if index not in trained]
    if absent:
        raise DataError(f"There are no training images of the class {', '.join(absent)}.")


def _labels(recipe: DataRecipe, data: TrainingData, part: str) -> NDArray[np.int64]:
    label_of = {record.image_id: record.label for record in data.records}
    index_of = {code: index for index, code in enumerate(recipe.classes)}
    labels = [index_of[label_of[image_id]] for image_id in data.split.parts[part]]
    return np.array(labels, dtype=np.int64)
