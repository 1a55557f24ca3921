"""The W3C Web Annotation (JSON-LD) of a stored region."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

CONTEXT = "http://www.w3.org/ns/anno.jsonld"
MEDIA_TYPE = 'application/ld+json; profile="http://www.w3.org/ns/anno.jsonld"'


def write_annotation(
    *,
    key: UUID,
    image: UUID,
    selector: Mapping[str, str],
    label: str,
    text: str,
    creator: UUID,
    creator_name: str,
    created: datetime,
    modified: datetime,
) -> dict[str, Any]:
    """The label is a body that tags, a remark one that comments; keys are `urn:uuid:`."""
    bodies = [{"type": "TextualBody", "purpose": "tagging", "value": label, "format": "text/plain"}]
    if text:
        bodies.append(
            {"type": "TextualBody", "purpose": "commenting", "value": text, "format": "text/plain"}
        )
    return {
        "@context": CONTEXT,
        "id": f"urn:uuid:{key}",
        "type": "Annotation",
        "motivation": "tagging",
        "creator": {"id": f"urn:uuid:{creator}", "type": "Person", "name": creator_name},
        "created": _time(created),
        "modified": _time(modified),
        "body": bodies,
        "target": {"source": f"urn:uuid:{image}", "selector": dict(selector)},
    }


def _time(moment: datetime) -> str:
    """xsd:dateTime in UTC, as the model asks for (section 3.2.5)."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
