"""The metadata CSV of HAM10000 (Tschandl, Rosendahl, Kittler, Sci Data 5:180161, 2018)."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

REQUIRED = ("lesion_id", "image_id", "dx", "dx_type", "age", "sex", "localization")

# HAM10000's word -> our body site.
BODY_SITES = {
    "abdomen": "abdomen",
    "acral": "palm_sole",
    "back": "back",
    "chest": "chest",
    "ear": "ear",
    "face": "face",
    "foot": "foot",
    "genital": "genital",
    "hand": "hand",
    "lower extremity": "lower_extremity",
    "neck": "neck",
    "scalp": "scalp",
    "trunk": "trunk",
    "unknown": "unknown",
    "": "unknown",
    "upper extremity": "upper_extremity",
}
SEXES = {"female": "female", "male": "male", "unknown": "unknown", "": "unknown"}
METHODS = {
    "histo": "histo",
    "confocal": "confocal",
    "follow_up": "follow_up",
    "consensus": "consensus",
}


class MetadataUnreadable(Exception):
    """The file as a whole cannot be used; the text is a sentence."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that was left out, with its line in the file and why."""

    line: int
    name: str
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}, {self.name or 'no image_id'}: {self.reason}"


@dataclass(frozen=True, slots=True)
class IsicRow:
    """One image as the CSV describes it, in our words. `age` in years or None."""

    line: int
    image_id: str
    lesion_id: str
    dx: str
    method: str
    age: int | None
    sex: str
    body_site: str


def read_metadata(path: Path, *, known_dx: frozenset[str]) -> Iterator[IsicRow | BadRow]:
    """Yield every row of the file, good or bad, in its order.

    Raises MetadataUnreadable if it is no CSV in UTF-8 or lacks a column.
    """
    seen: dict[str, int] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = [name for name in REQUIRED if name not in (reader.fieldnames or [])]
            if missing:
                msg = f"{path.name} has no column {', '.join(missing)}."
                raise MetadataUnreadable(msg)
            for raw in reader:
                row = _parse(reader.line_num, raw, known_dx)
                if isinstance(row, IsicRow):
                    first = seen.setdefault(row.image_id, row.line)
                    if first != row.line:
                        row = BadRow(row.line, row.image_id, f"stands on line {first} already")
                yield row
    except OSError as error:
        msg = f"{path} cannot be read: {error.strerror}."
        raise MetadataUnreadable(msg) from error
    except (UnicodeDecodeError, csv.Error) as error:
        msg = f"{path.name} is not a CSV file in UTF-8."
        raise MetadataUnreadable(msg) from error


def _parse(line: int, raw: dict[str, str | None], known_dx: frozenset[str]) -> IsicRow | BadRow:
    values = {name: (raw.get(name) or "").strip() for name in REQUIRED}
    image_id = values["image_id"]
    try:
        return IsicRow(
            line=line,
            image_id=_name(image_id, "image_id"),
            lesion_id=_name(values["lesion_id"], "lesion_id"),
            dx=_known(values["dx"].lower(), dict.fromkeys(known_dx), "dx"),
            method=METHODS[_known(values["dx_type"].lower(), METHODS, "dx_type")],
            age=_age(values["age"]),
            sex=SEXES[_known(values["sex"].lower(), SEXES, "sex")],
            body_site=BODY_SITES[
                _known(values["localization"].lower(), BODY_SITES, "localization")
            ],
        )
    except ValueError as error:
        return BadRow(line, image_id[:60], str(error))


def _name(value: str, column: str) -> str:
    if not value:
        msg = f"{column} is empty"
        raise ValueError(msg)
    if len(value) > 40 or not value.replace("_", "").replace("-", "").isalnum():
        msg = f'{column} "{value[:40]}" is not a plain identifier'
        raise ValueError(msg)
    return value


def _known(value: str, allowed: dict[str, object] | dict[str, str], column: str) -> str:
    if value not in allowed:
        msg = f'{column} "{value[:40]}" is not known'
        raise ValueError(msg)
    return value


def _age(value: str) -> int | None:
    if value.lower() in {"", "unknown", "nan"}:
        return None
    try:
        age = float(value)
    except ValueError:
        age = -1
    if not 0 <= age <= 120:
        msg = f'age "{value[:20]}" is not a number of years'
        raise ValueError(msg)
    return round(age)
