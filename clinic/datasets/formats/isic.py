"""CSV files as the ISIC Archive, its challenges and HAM10000 have them, and our own split.

Sources: HAM10000 (Tschandl et al. 2018), the ground truth of ISIC 2019 (Combalia et al.,
arXiv:1908.02288), the archive's dictionary (`isic-metadata` 4), `inference.training`.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from json.encoder import encode_basestring_ascii
from tempfile import TemporaryFile
from typing import IO, Any

from clinic.datasets.description import SPLITS
from clinic.datasets.formats.card import card
from clinic.datasets.formats.isic_dictionary import (
    BODY_SITES,
    GENERAL_SITES,
    IMAGE_TYPES,
    SEXES,
    SKIN_TYPES,
    ham10000_confirmation,
    isic_age,
    isic_confirmation,
    isic_diagnosis,
    isic_melanocytic,
)
from clinic.datasets.formats.streams import PIECE, csv_pieces, text
from clinic.datasets.formats.version import FrozenVersion
from clinic.datasets.formats.writer import ExportFile, ExportFormat, in_images
from clinic.datasets.manifest import ManifestRow

HAM10000_COLUMNS = (
    "lesion_id", "image_id", "dx", "dx_type", "age", "sex", "localization", "patient_id",
)  # fmt: skip
ISIC2019_CLASSES = ("MEL", "NV", "BCC", "AK", "BKL", "DF", "VASC", "SCC", "UNK")
ARCHIVE_COLUMNS = (
    "filename", "patient_id", "lesion_id", "age", "sex", "anatom_site", "anatom_site_general",
    "diagnosis", "diagnosis_confirm_type", "melanocytic", "fitzpatrick_skin_type", "image_type",
)  # fmt: skip
ABOUT = """\
| file | what it is |
| --- | --- |
| `HAM10000_metadata.csv` | the columns of HAM10000, and the patient's pseudonym |
| `ISIC_2019_GroundTruth.csv` | one column a class, 1.0 in one of them; other diagnoses are UNK |
| `metadata.csv` | the ISIC Archive's dictionary, as its upload takes it |
| `split.json` | which image is in which part, for `inference.training train --split` |
| `images/` | the images |
"""
Write = Callable[[FrozenVersion], Iterator[bytes]]


def documents(version: FrozenVersion) -> list[ExportFile]:
    """The card, three tables and the split."""
    files: tuple[tuple[str, str, Write], ...] = (
        ("HAM10000_metadata.csv", "text/csv", ham10000_pieces),
        ("ISIC_2019_GroundTruth.csv", "text/csv", isic2019_pieces),
        ("metadata.csv", "text/csv", archive_pieces),
        ("split.json", "application/json", split_pieces),
    )
    return [
        card(version, about=ABOUT),
        *(ExportFile(path, kind, partial(write, version)) for path, kind, write in files),
    ]


def ham10000_pieces(version: FrozenVersion) -> Iterator[bytes]:
    """HAM10000's metadata. An unknown age is empty."""
    return csv_pieces(HAM10000_COLUMNS, map(_ham10000, version.kept()))


def isic2019_pieces(version: FrozenVersion) -> Iterator[bytes]:
    """The one-hot ground truth of ISIC 2019; `image` has no suffix there."""
    ones = {
        each: tuple("1.0" if each == other else "0.0" for other in ISIC2019_CLASSES)
        for each in ISIC2019_CLASSES
    }
    of_label = {label: ones.get(column, ones["UNK"]) for label, column in version.isic2019.items()}
    rows = ((row.image, *of_label.get(row.label, ones["UNK"])) for row in version.kept())
    return csv_pieces(("image", *ISIC2019_CLASSES), rows)


def archive_pieces(version: FrozenVersion) -> Iterator[bytes]:
    """The ISIC Archive's metadata. What is not known is empty."""
    return csv_pieces(ARCHIVE_COLUMNS, map(_archive, version.kept()))


def split_pieces(version: FrozenVersion) -> Iterator[bytes]:
    """`split.json` as `inference.training` reads it: all three parts, also an empty one."""
    return text(_split(version))


def _ham10000(row: ManifestRow) -> Sequence[Any]:
    return (
        row.lesion,
        row.image,
        row.label,
        ham10000_confirmation(row),
        "" if row.age is None else row.age,
        row.sex if row.sex in SEXES else "unknown",
        BODY_SITES.get(row.body_site, BODY_SITES["unknown"])[0],
        row.patient,
    )


def _archive(row: ManifestRow) -> Sequence[Any]:
    return (
        row.filename,
        row.patient,
        row.lesion,
        isic_age(row),
        row.sex if row.sex in SEXES else "",
        BODY_SITES.get(row.body_site, BODY_SITES["unknown"])[1],
        GENERAL_SITES.get(row.body_site, ""),
        isic_diagnosis(row),
        isic_confirmation(row),
        isic_melanocytic(row),
        "" if row.skin_type is None else SKIN_TYPES[row.skin_type],
        IMAGE_TYPES.get(row.image_kind, ""),
    )


def _split(version: FrozenVersion) -> Iterator[str]:
    """Names by part: kept in files meanwhile, because the digest stands before them."""
    with ExitStack() as stack:
        names = {part: stack.enter_context(_on_disk()) for part in SPLITS}
        before = dict.fromkeys(SPLITS, "")
        for row in version.kept():
            names[row.split].write(f"{before[row.split]}{encode_basestring_ascii(row.image)}")
            before[row.split] = ", "
        # SHA-256 of `json.dumps(parts, sort_keys=True)`, as the training command computes it.
        digest = hashlib.sha256()
        for piece in _parts(names, sorted(SPLITS)):
            digest.update(piece.encode())
        yield f'{{"seed": {version.seed}, "digest": "{digest.hexdigest()}", "parts": '
        yield from _parts(names, SPLITS)
        yield "}\n"


def _on_disk() -> IO[str]:
    return TemporaryFile(mode="w+", encoding="ascii", newline="")


def _parts(names: Mapping[str, IO[str]], order: Iterable[str]) -> Iterator[str]:
    before = "{"
    for part in order:
        yield f'{before}"{part}": ['
        names[part].seek(0)
        yield from iter(partial(names[part].read, PIECE), "")
        before = "], "
    yield "]}"


ISIC = ExportFormat(
    key="isic",
    name="ISIC and HAM10000",
    description="CSV files as HAM10000, ISIC 2019 and the ISIC Archive have them, with the images.",
    documents=documents,
    image_path=in_images,
    has_images=True,
)
