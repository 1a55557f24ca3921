"""The manifest: one header line, then one line an image. Its SHA-256 is the data set's digest."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from json.encoder import encode_basestring as _quoted
from typing import Any, NamedTuple

FORMAT = "second-look-manifest/1"


class ManifestRow(NamedTuple):
    """One de-identified image with its label, and where the label came from.

    `image`, `patient`, `lesion`, `visit` and `organisation` are pseudonyms: stable within an
    organisation, unlinkable across organisations. `sha256` is of the file's bytes. `label` is the
    class that models learn (a HAM10000 code), `diagnosis` the node of the taxonomy, `malignancy`
    benign, indeterminate or malignant. `label_source` is pathology, adjudication, concordant or
    single; `confirmation` is HAM10000's `dx_type` (histo, confocal, follow_up, consensus) or empty.
    `agreement` is the share (0 to 1) of the `readers` who signed this class. `model_shown` says
    whether the model's answer had been shown to a reader before that reader's opinion was given.
    `age` is in years, a multiple of five, at most 85, or None. `skin_type` is Fitzpatrick's, 1 to
    6, or None. `split` is train, validation or test. `consent` is training or sharing.
    """

    number: int
    image: str
    sha256: str
    width: int
    height: int
    media_type: str
    size_bytes: int
    organisation: str
    patient: str
    lesion: str
    visit: str
    label: str
    diagnosis: str
    malignancy: str
    label_source: str
    confirmation: str
    readers: int
    agreement: float
    model_shown: bool
    sex: str
    age: int | None
    body_site: str
    skin_type: int | None
    image_kind: str
    split: str
    consent: str

    @property
    def filename(self) -> str:
        """The image's name in an export: its pseudonym, never the name it was uploaded under."""
        return f"{self.image}{SUFFIXES[self.media_type]}"


class Tombstone(NamedTuple):
    """What is left of a row whose patient withdrew consent: its number and the day (ISO 8601)."""

    number: int
    withdrawn_on: str


SUFFIXES = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "image/heic": ".heic",
}

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode
_FIELDS = ManifestRow._fields
_LINE = "{" + ",".join(f'"{name}":%s' for name in _FIELDS) + "}\n"


def header_line(header: Mapping[str, Any]) -> bytes:
    """The first line: sorted keys, so that the same content is the same bytes."""
    ordered = json.dumps(
        {"format": FORMAT, **header}, ensure_ascii=False, separators=(",", ":"), sort_keys=True
    )
    return ordered.encode() + b"\n"


def row_line(row: ManifestRow) -> bytes:
    """One row as a JSON object in the order of the fields: what `json` writes, sooner."""
    values = [
        value
        if value.__class__ is int
        else _quoted(value)
        if value.__class__ is str
        else _other(value)
        for value in row
    ]
    return (_LINE % tuple(values)).encode()


@lru_cache(maxsize=1024, typed=True)
def _other(value: object) -> str:
    """Truths, shares and None: there are few different ones."""
    return _encode(value)


def tombstone_line(tombstone: Tombstone) -> bytes:
    """What stands where a row was."""
    return _encode(tombstone._asdict()).encode() + b"\n"


def manifest_lines(
    header: Mapping[str, Any], rows: Iterable[ManifestRow | Tombstone]
) -> Iterator[bytes]:
    """The whole manifest, line by line."""
    yield header_line(header)
    for row in rows:
        yield row_line(row) if isinstance(row, ManifestRow) else tombstone_line(row)


def manifest_digest(header: Mapping[str, Any], rows: Iterable[ManifestRow]) -> str:
    """SHA-256 (hexadecimal) of the manifest's bytes."""
    digest = hashlib.sha256()
    for line in manifest_lines(header, rows):
        digest.update(line)
    return digest.hexdigest()
