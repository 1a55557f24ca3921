"""Splits that cannot leak: by lesion, patient and near duplicate, stratified by class.

The unit of a split is a group: all images that share a lesion, a patient or (nearly) the same
pixels. A group is never divided, and a split whose parts share one is an error.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from inference.training.records import DataError, Record

HOLD_OUT = {"train": 0.78, "validation": 0.12, "test": 0.10}


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
        path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")

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
    members: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        members[groups[record.image_id]].append(record)
    by_class: dict[str, list[str]] = defaultdict(list)
    for group in sorted(members, key=lambda name: _keyed_hash(seed, name)):
        by_class[_group_label(members[group])].append(group)
    parts: dict[str, list[str]] = {name: [] for name in fractions}
    for label in sorted(by_class):
        _divide(by_class[label], members, fractions, parts)
    split = Split(seed, {name: tuple(sorted(ids)) for name, ids in parts.items()})
    refuse_leaks(split.parts, groups)
    return split


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
