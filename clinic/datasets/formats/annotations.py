"""W3C Web Annotations of what readers drew, without anybody's name, time or remark.

Source: W3C Web Annotation Data Model (2017); the same selectors as the API's.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any
from uuid import UUID, uuid5

from clinic.annotation.document import CONTEXT
from clinic.datasets.formats.card import card
from clinic.datasets.formats.streams import chunked, encode_json, text
from clinic.datasets.formats.version import DrawnRegion, FrozenVersion
from clinic.datasets.formats.writer import STEP, ExportFile, ExportFormat
from clinic.datasets.manifest import ManifestRow

NAME = "annotations.jsonl"
PSEUDONYMS = UUID("6f0f7a53-2c3f-5d0a-9a3e-6a4f8a1f3b57")
"""Name space of the keys in an export: made from pseudonyms, they are pseudonyms."""
ABOUT = """\
`annotations.jsonl` has one W3C Web Annotation a line: the label as a tag, the region in pixels of
the upright image, whose file name is the target's `source`. `id` and `creator` are pseudonyms.
Remarks, names and times are left out: a remark may name a person.
"""


def documents(version: FrozenVersion) -> list[ExportFile]:
    """The card and the annotations."""
    lines = partial(_pieces, version)
    return [card(version, about=ABOUT), ExportFile(NAME, "application/jsonl", lines)]


def _pieces(version: FrozenVersion) -> Iterator[bytes]:
    return text(encode_json(annotation) + "\n" for annotation in _annotations(version))


def _annotations(version: FrozenVersion) -> Iterator[dict[str, Any]]:
    for rows in chunked(version.kept(), STEP):
        for row, region in version.drawn(rows):
            yield _annotation(row, region)


def _annotation(row: ManifestRow, region: DrawnRegion) -> dict[str, Any]:
    return {
        "@context": CONTEXT,
        "id": f"urn:uuid:{uuid5(PSEUDONYMS, region.key)}",
        "type": "Annotation",
        "motivation": "tagging",
        "creator": {"id": f"urn:uuid:{uuid5(PSEUDONYMS, region.reader)}", "type": "Person"},
        "body": [
            {
                "type": "TextualBody",
                "purpose": "tagging",
                "value": region.label,
                "format": "text/plain",
            }
        ],
        "target": {"source": row.filename, "selector": dict(region.selector)},
    }


ANNOTATIONS = ExportFormat(
    key="annotations",
    name="W3C annotations",
    description="What readers drew, as W3C Web Annotations, one a line. Without images.",
    documents=documents,
    has_annotations=True,
)
