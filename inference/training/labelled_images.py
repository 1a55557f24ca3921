"""What of a labels CSV and a folder can be evaluated, and what is left out and why."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from inference.training.records import IMAGE_SUFFIXES, DataError, Record, read_records


@dataclass(frozen=True)
class LabelledImages:
    """Records whose label is a class and whose file is there, with the file of each.

    ``unknown_labels`` counts the images by label that is no class; ``missing`` are the ids of
    images without a file; ``renamed`` counts the images by "their=ours".
    """

    records: Sequence[Record]
    paths: Mapping[str, Path]
    unknown_labels: Mapping[str, int]
    missing: Sequence[str]
    renamed: Mapping[str, int]


def read_labelled_images(
    images: Path,
    labels: Path,
    classes: Sequence[str],
    *,
    label_map: Mapping[str, str] | None = None,
    part: frozenset[str] | None = None,
) -> LabelledImages:
    """Match labels and files; ``part`` restricts the labels to some image ids.

    Raises DataError when nothing is left, when a label is mapped to what is no class, or when an
    image's file cannot be told from another.
    """
    label_map = label_map or {}
    for theirs, ours in label_map.items():
        if ours not in classes:
            raise DataError(
                f"--label-map {theirs}={ours}: {ours} is no class of this package; "
                f"its classes are {', '.join(classes)}."
            )
    records = [record for record in read_records(labels) if part is None or record.image_id in part]
    if not records:
        raise DataError(f"No image of the split's part is in {labels.name}.")
    renamed = Counter(
        f"{record.label}={label_map[record.label]}"
        for record in records
        if record.label in label_map
    )
    records = [replace(r, label=label_map.get(r.label, r.label)) for r in records]
    known = [record for record in records if record.label in classes]
    unknown = Counter(record.label for record in records if record.label not in classes)
    if not known:
        raise DataError(
            f"None of the labels in {labels.name} ({', '.join(sorted(unknown)[:8])}) is a class of "
            f"this package ({', '.join(classes)}): rename them with --label-map their=ours."
        )
    paths = find_labelled(images, [record.image_id for record in known])
    missing = [record.image_id for record in known if record.image_id not in paths]
    if not paths:
        raise DataError(
            f"None of the {len(missing)} labelled images is in {images} (the first: {missing[0]})."
        )
    present = [record for record in known if record.image_id in paths]
    return LabelledImages(present, paths, dict(sorted(unknown.items())), missing, dict(renamed))


def find_labelled(folder: Path, image_ids: Iterable[str]) -> dict[str, Path]:
    """The file of each image in a folder and its subfolders; ids without a file are left out.

    An id is a file's name without suffix, or its path below the folder, with or without suffix.
    Raises DataError when two files answer to an id.
    """
    by_id: dict[str, list[Path]] = defaultdict(list)
    for path in image_files(folder):
        below = path.relative_to(folder)
        for name in {path.stem, path.name, below.as_posix(), below.with_suffix("").as_posix()}:
            by_id[name].append(path)
    found: dict[str, Path] = {}
    for image_id in image_ids:
        candidates = by_id.get(image_id, [])
        if len(candidates) > 1:
            first, second = (path.relative_to(folder).as_posix() for path in candidates[:2])
            raise DataError(
                f"Both {first} and {second} may be the image {image_id}: write its path below "
                f"the folder into image_id."
            )
        if candidates:
            found[image_id] = candidates[0]
    return found


def image_files(folder: Path) -> list[Path]:
    """The image files of a folder and its subfolders, in the order of their paths."""
    if not folder.is_dir():
        raise DataError(f"There is no folder {folder}.")
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in IMAGE_SUFFIXES)
