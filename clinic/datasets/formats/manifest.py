"""The manifest itself: every column of every row, and what withdrawn rows left behind."""

from collections.abc import Iterator
from functools import partial

from clinic.datasets.formats.card import card
from clinic.datasets.formats.streams import gathered
from clinic.datasets.formats.version import FrozenVersion
from clinic.datasets.formats.writer import ExportFile, ExportFormat
from clinic.datasets.manifest import manifest_lines

NAME = "manifest.jsonl"
ABOUT = """\
`manifest.jsonl` has a header line and one line an image with everything that was frozen. A row
whose patient withdrew consent is a line with its number and the day of the withdrawal, no more.
"""


def documents(version: FrozenVersion) -> list[ExportFile]:
    """The card and the manifest; without tombstones its SHA-256 is the version's digest."""
    lines = partial(_pieces, version)
    return [card(version, about=ABOUT), ExportFile(NAME, "application/jsonl", lines)]


def _pieces(version: FrozenVersion) -> Iterator[bytes]:
    return gathered(manifest_lines(version.header, version.rows()))


MANIFEST = ExportFormat(
    key="manifest",
    name="Manifest",
    description="One JSON line an image with everything that was frozen. Its digest proves it.",
    documents=documents,
)
