"""Labelled images: the rows of a metadata CSV in the HAM10000 layout."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ALIASES = {"isic_id": "image_id", "diagnosis": "dx"}
UNKNOWN_AGES = frozenset({"", "na", "n/a", "nan", "none", "null", "unknown"})
OLDEST = 130
IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".heic")


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

    A row without a lesion_id is a lesion of its own. Raises DataError for a file that is no CSV in
    UTF-8, a missing column, an empty value, an age that is no number or an image named twice.
    """
    try:
        records = _read_rows(metadata)
    except OSError as error:
        raise DataError(f"The labels cannot be read: there is no file {metadata}.") from error
    except UnicodeDecodeError as error:
        raise DataError(
            f"{metadata.name} is not text in UTF-8: save it as CSV in UTF-8."
        ) from error
    except csv.Error as error:
        raise DataError(f"{metadata.name} is not a CSV: {error}.") from error
    if not records:
        raise DataError(f"{metadata.name} has no rows below its header.")
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


def _read_rows(metadata: Path) -> list[Record]:
    with metadata.open(newline="", encoding="utf-8-sig") as lines:
        rows = csv.DictReader(lines)
        names = list(rows.fieldnames or ())
        # The ISIC Archive calls the same column isic_id.
        rows.fieldnames = [ALIASES.get(name, name) for name in names]
        missing = {"image_id", "dx"} - set(rows.fieldnames)
        if missing:
            raise DataError(
                f"{metadata.name} lacks the column {' and '.join(sorted(missing))}; "
                f"its first line, separated by commas, reads: {', '.join(names) or 'nothing'}."
            )
        return [_record(row, metadata.name, rows.line_num) for row in rows]


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
        age=_age(values.get("age", ""), f"{file_name}, line {line}"),
        sex=values.get("sex", ""),
        site=values.get("localization", ""),
        source=values.get("source", ""),
    )


def _age(text: str, place: str) -> float | None:
    if text.lower() in UNKNOWN_AGES:
        return None
    try:
        age = float(text)
    except ValueError:
        age = -1
    if not 0 <= age <= OLDEST:
        raise DataError(
            f"{place}: the age {text!r} is no number of years; leave it empty if unknown."
        )
    return age
