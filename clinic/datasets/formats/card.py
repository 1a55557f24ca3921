"""README.md of an export: what it is, who may use it, what is in it, how it is proved."""

import re
from collections.abc import Iterator, Mapping
from functools import partial

from clinic.datasets.formats.columns import COLUMNS
from clinic.datasets.formats.streams import text
from clinic.datasets.formats.version import FrozenVersion
from clinic.datasets.formats.writer import ExportFile

NAME = "README.md"
COUNTED = {
    "split": "Split",
    "label": "Class",
    "malignancy": "Malignancy",
    "label_source": "Source of the label",
    "confirmation": "Confirmed by",
    "image_kind": "Kind of image",
    "sex": "Sex",
    "skin_type": "Fitzpatrick skin type",
    "body_site": "Body site",
    "consent": "Consent",
}
PASSED_ON = (
    "Every patient in it agreed that the data are passed on for research. Use them for research\n"
    "only, keep them from people who have no part in it, and never try to find out who a patient\n"
    "is."
)
KEPT = (
    "It was frozen to train models of the organisations, and for no more:\n"
    "**do not pass this export on** to anybody outside the organisations.\n"
    "Never try to find out who a patient is."
)
PROOF = """\
The digest is the SHA-256 of the manifest as it was frozen. Where no row was withdrawn since, it is
that of `manifest.jsonl` in the export format “manifest”:

```
sha256sum manifest.jsonl
```

Each image is proved by the SHA-256 of its file, in the column `sha256` of that manifest.
"""
DE_IDENTIFIED = """\
Patients, lesions, visits, readers and images have pseudonyms: the same in every version of an
organisation, unlinkable between organisations. There is no name, record number, date of birth,
day of a visit, original file name or remark. Ages are multiples of five and end at 85. Image files
carry no EXIF, GPS, XMP, comment or thumbnail; their pixels are the originals.
"""


def card(version: FrozenVersion, *, about: str, front_matter: str = "") -> ExportFile:
    """The card of an export; `about` is Markdown on the files of its format."""
    return ExportFile(NAME, "text/markdown", partial(_pieces, version, about, front_matter))


def terms(version: FrozenVersion) -> str:
    """What may be done with the export: what the version was frozen for, and no more."""
    return PASSED_ON if version.may_be_passed_on else KEPT


def licence(version: FrozenVersion) -> str:
    """The same on one line, without marks."""
    return " ".join(terms(version).replace("**", "").split())


def _pieces(version: FrozenVersion, about: str, front_matter: str) -> Iterator[bytes]:
    return text(_sections(version, about, front_matter))


def _sections(version: FrozenVersion, about: str, front_matter: str) -> Iterator[str]:
    tally = version.tally
    yield front_matter
    yield f"# {plain(version.title)}\n\n{about.strip()}\n"
    yield f"\n## What may be done with it\n\n{terms(version)}\n\n{DE_IDENTIFIED}"
    yield "\n## What is in it\n\n| | |\n| --- | --- |\n"
    yield f"| Images | {tally.rows} |\n"
    yield f"| Withdrawn since it was frozen | {tally.withdrawn} |\n"
    yield f"| Frozen on | {plain(version.frozen_on)} |\n"
    yield f"| Seed of the split | {version.seed} |\n"
    yield f"| Digest of the manifest | `{version.digest}` |\n"
    yield f"| Digest of the split | `{version.split_digest}` |\n"
    for column, heading in COUNTED.items():
        yield from _counts(heading, tally.by[column], version.class_names, tally.rows)
    yield "\n## What the columns mean\n\n| column | meaning |\n| --- | --- |\n"
    for each in COLUMNS:
        yield f"| `{each.name}` | {each.meaning} |\n"
    yield f"\n## Proof\n\n{PROOF}"


def _counts(
    heading: str, counts: Mapping[str, int], words: Mapping[str, str], rows: int
) -> Iterator[str]:
    if not counts:
        return
    yield f"\n| {heading} | Images | Share |\n| --- | ---: | ---: |\n"
    for value, count in sorted(counts.items(), key=lambda each: (-each[1], each[0])):
        word = f" ({plain(words[value])})" if value in words else ""
        yield f"| {plain(value)}{word} | {count} | {count / rows:.1%} |\n"
    if missing := rows - sum(counts.values()):
        yield f"| not known | {missing} | {missing / rows:.1%} |\n"


def plain(words: str) -> str:
    """Words that people typed, so that Markdown does not read them as its own."""
    return re.sub(r"([\\`*_{}\[\]<>()#|!~&])", r"\\\1", " ".join(words.split()))
