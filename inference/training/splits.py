"""Splits that cannot leak: by lesion, patient and near duplicate, stratified by class.

The unit of a split is a group: all images that share a lesion, a patient or (nearly) the same
pixels. A group is never divided, and a split whose parts share one is an error.
"""

import hashlib
import json
import secrets
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from inference.training.records import DataError, Record

HOLD_OUT = {"train": 0.78, "validation": 0.12, "test": 0.10}
WITHOUT_TEST = {"train": 0.87, "validation": 0.13}  # what a fold leaves, in about the same ratio
KEPT_FIRST = {"test": 0, "validation": 1, "train": 2}  # where a repeated picture stays
FURTHER = {"train": 0.80, "elsewhere": 0.20}


class LeakError(DataError):
    """Two parts of a split share a lesion, a patient or a duplicate; carries one sentence."""


@dataclass(frozen=True)
class Split:
    """Which image belongs to which part; every part is a sorted tuple of image ids."""

    seed: int
    parts: Mapping[str, tuple[str, ...]]

    @property
    def digest(self) -> str:
        """sha256 over the parts' names and image ids."""
        return hashlib.sha256(json.dumps(dict(self.parts), sort_keys=True).encode()).hexdigest()

    def write(self, path: Path) -> None:
        document = {"seed": self.seed, "digest": self.digest, "parts": dict(self.parts)}
        # Whole or not there: other processes of the same run may be reading it.
        partial = path.with_suffix(f".{secrets.token_hex(4)}.partial")
        partial.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
        partial.replace(path)

    @classmethod
    def read(cls, path: Path) -> "Split":
        document = json.loads(path.read_text(encoding="utf-8"))
        parts = {name: tuple(ids) for name, ids in document["parts"].items()}
        split = cls(seed=document["seed"], parts=parts)
        if split.digest != document["digest"]:
            raise DataError(f"{path.name} was changed after it was written: its digest differs.")
        return split


def group_records(
    records: Sequence[Record], duplicates: Iterable[tuple[str, str]] = ()
) -> dict[str, str]:
    """Map each image id to its group's name: the smallest image id in it.

    ``duplicates`` are pairs of image ids that show the same picture.
    """
    parent = {record.image_id: record.image_id for record in records}

    def root(image_id: str) -> str:
        while parent[image_id] != image_id:
            parent[image_id] = parent[parent[image_id]]
            image_id = parent[image_id]
        return image_id

    def join(first: str, second: str) -> None:
        small, large = sorted((root(first), root(second)))
        parent[large] = small

    first_of: dict[tuple[str, str], str] = {}
    for record in records:
        for key in (("lesion", record.lesion_id), ("patient", record.patient_id)):
            if key[1]:
                join(first_of.setdefault(key, record.image_id), record.image_id)
    for first, second in duplicates:
        join(first, second)
    return {record.image_id: root(record.image_id) for record in records}


def hold_out(
    records: Sequence[Record],
    groups: Mapping[str, str],
    *,
    seed: int,
    fractions: Mapping[str, float] = HOLD_OUT,
) -> Split:
    """Divide groups among the parts so that each class is divided in the same proportions.

    Groups are taken in the order of a keyed hash, so the same data and seed give the same split
    on every machine.
    """
    return _checked(seed, _divided(records, groups, seed, fractions), groups)


def k_fold(
    records: Sequence[Record], groups: Mapping[str, str], *, seed: int, folds: int, fold: int
) -> Split:
    """One of ``folds`` ways to keep apart a test part: fold ``fold``, counted from 0.

    Over all folds every image is in the test part once. Validation and training share the rest.
    Raises DataError for a fold that is not there.
    """
    if folds < 2 or not 0 <= fold < folds:
        raise DataError(f"There is no fold {fold} of {folds}: count from 0, and take two or more.")
    every = _divided(records, groups, seed, {str(index): 1 / folds for index in range(folds)})
    test = set(every[str(fold)])
    others = [record for record in records if record.image_id not in test]
    rest = _divided(others, groups, seed, WITHOUT_TEST)
    return _checked(seed, {**rest, "test": sorted(test)}, groups)


def with_further_images(
    split: Split, further: Sequence[Record], groups: Mapping[str, str]
) -> Split:
    """Add images of other origin: most to the training part, the rest to a part ``elsewhere``.

    Validation and test keep their images, so figures stay comparable with those of a run without
    the further images. One that shows a lesion of ``split`` is left out. ``groups`` covers both.
    """
    taken = {groups[image_id] for ids in split.parts.values() for image_id in ids}
    new = [record for record in further if groups[record.image_id] not in taken]
    added = _divided(new, groups, split.seed, FURTHER)
    parts = {name: [*ids, *added.pop(name, ())] for name, ids in split.parts.items()}
    return _checked(split.seed, {**parts, **added}, groups)


def without_images(split: Split, image_ids: Container[str]) -> Split:
    """The split less these images: a recipe that leaves a class out trains on the same division."""
    parts = {
        part: tuple(image_id for image_id in ids if image_id not in image_ids)
        for part, ids in split.parts.items()
    }
    return Split(split.seed, parts)


def without_repeated(split: Split, groups: Mapping[str, str]) -> tuple[Split, int]:
    """The split with every group in one part: test before validation before training.

    For a split made by lesion and patient, which cannot know that two patients show one picture.
    Returns how many images were left out, too.
    """
    part_of: dict[str, str] = {}
    order = sorted(split.parts, key=lambda part: KEPT_FIRST.get(part, len(KEPT_FIRST)))
    for part in order:
        for image_id in split.parts[part]:
            part_of.setdefault(groups[image_id], part)
    parts = {
        part: tuple(image_id for image_id in ids if part_of[groups[image_id]] == part)
        for part, ids in split.parts.items()
    }
    before, after = (sum(map(len, each.values())) for each in (split.parts, parts))
    return Split(split.seed, parts), before - after


def refuse_unknown_images(split: Split, known: Container[str]) -> None:
    """Raise DataError when a split names an image that the data do not have."""
    unknown = [name for ids in split.parts.values() for name in ids if name not in known]
    if unknown:
        raise DataError(
            f"The split names {len(unknown)} images that the metadata lack (the first: "
            f"{unknown[0]}): it belongs to other data."
        )


def refuse_leaks(parts: Mapping[str, Iterable[str]], groups: Mapping[str, str]) -> None:
    """Raise LeakError when two parts share a group (and so a lesion, patient or picture)."""
    part_of: dict[str, str] = {}
    shared: dict[str, str] = {}
    for part, image_ids in parts.items():
        for image_id in image_ids:
            group = groups[image_id]
            if part_of.setdefault(group, part) != part:
                shared[group] = image_id
    if shared:
        example = next(iter(shared.values()))
        raise LeakError(
            f"The split leaks: {len(shared)} lesions have images in more than one part "
            f"(one is the lesion of {example}). Split by lesion, before any oversampling."
        )


def _divided(
    records: Sequence[Record],
    groups: Mapping[str, str],
    seed: int,
    fractions: Mapping[str, float],
) -> dict[str, list[str]]:
    """Image ids by part, each class divided in the same proportions, no group divided."""
    members: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        members[groups[record.image_id]].append(record)
    by_class: dict[str, list[str]] = defaultdict(list)
    for group in sorted(members, key=lambda name: _keyed_hash(seed, name)):
        by_class[_group_label(members[group])].append(group)
    parts: dict[str, list[str]] = {name: [] for name in fractions}
    for label in sorted(by_class):
        _divide(by_class[label], members, fractions, parts)
    return parts


def _checked(seed: int, parts: Mapping[str, Iterable[str]], groups: Mapping[str, str]) -> Split:
    split = Split(seed, {name: tuple(sorted(ids)) for name, ids in parts.items()})
    refuse_leaks(split.parts, groups)
    return split


def _divide(
    groups: Sequence[str],
    members: Mapping[str, Sequence[Record]],
    fractions: Mapping[str, float],
    parts: Mapping[str, list[str]],
) -> None:
    """Give each group of one class to the part that is furthest below its share of images."""
    given = dict.fromkeys(fractions, 0)
    total = sum(len(members[group]) for group in groups)
    for group in groups:
        lacking = max(fractions, key=lambda part: fractions[part] * total - given[part])
        parts[lacking].extend(record.image_id for record in members[group])
        given[lacking] += len(members[group])


def _group_label(records: Sequence[Record]) -> str:
    """The commonest label, the alphabetically first of equals: only balance depends on it."""
    labels = sorted(record.label for record in records)
    return max(labels, key=labels.count)


def _keyed_hash(seed: int, name: str) -> str:
    return hashlib.sha256(f"{seed}:{name}".encode()).hexdigest()
