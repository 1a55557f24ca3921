"""Labelled images: the rows of a metadata CSV in the HAM10000 layout."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ALIASES = {"isic_id": "image_id", "diagnosis": "dx"}
IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")


class DataError(Exception):
    """The data cannot be used as given; carries one sentence saying why."""


@dataclass(frozen=True)
class Record:
    """One image and what is known about it. Empty strings and None mean unknown."""

    image_id: str
    label: str
    lesion_id: str
    patient_id: str = ""
    dx_type: str = ""
    age: float | None = None
    sex: str = ""
    site: str = ""
    source: str = ""  # the data set, where several are joined


def read_records(metadata: Path) -> list[Record]:
    """Read a CSV with at least ``image_id`` and ``dx``; other known columns where they are there.

    A row without a lesion_id is a lesion of its own. Raises DataError for a missing column, an
    empty value or an image named twice.
    """
    with metadata.open(newline="", encoding="utf-8-sig") as lines:
        rows = csv.DictReader(lines)
        # The ISIC Archive calls the same column isic_id.
        rows.fieldnames = [ALIASES.get(name, name) for name in rows.fieldnames or ()]
        missing = {"image_id", "dx"} - set(rows.fieldnames or ())
        if missing:
            raise DataError(f"{metadata.name} lacks the column {' and '.join(sorted(missing))}.")
        records = [_record(row, metadata.name, rows.line_num) for row in rows]
    seen: set[str] = set()
    for record in records:
        if record.image_id in seen:
            raise DataError(f"{metadata.name} names the image {record.image_id} twice.")
        seen.add(record.image_id)
    return records


def find_images(folder: Path, image_ids: Iterable[str]) -> dict[str, Path]:
    """Find each image's file in a folder by its name without suffix. Raises DataError if absent."""
    by_stem = {
        path.stem: path
        for path in sorted(folder.iterdir())
        if path.suffix.lower() in IMAGE_SUFFIXES
    }
    wanted = list(image_ids)
    absent = [image_id for image_id in wanted if image_id not in by_stem]
    if absent:
        raise DataError(
            f"{len(absent)} of {len(wanted)} images are not in {folder} (the first: {absent[0]})."
        )
    return {image_id: by_stem[image_id] for image_id in wanted}


def _record(row: dict[str, str], file_name: str, line: int) -> Record:
    values = {key: (value or "").strip() for key, value in row.items() if key}
    if not values["image_id"] or not values["dx"]:
        raise DataError(f"{file_name}, line {line}: image_id and dx may not be empty.")
    return Record(
        image_id=values["image_id"],
        label=values["dx"],
        lesion_id=values.get("lesion_id") or f"image:{values['image_id']}",
        patient_id=values.get("patient_id", ""),
        dx_type=values.get("dx_type", ""),
        age=_age(values.get("age", "")),
        sex=values.get("sex", ""),
        site=values.get("localization", ""),
        source=values.get("source", ""),
    )


def _age(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
