"""Where a model comes from, as whoever started its run wrote it down: it goes into the package.

An object of plain values. What the card knows how to say: ``data_set``, ``data_set_version``,
``data_set_digest``, ``split_digest``, ``withdrawn_rows``, ``parent`` (``name``, ``version``,
``digest``), ``run``. Everything stands in the metadata, under ``training.lineage``.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from inference.training.records import DataError


def read_lineage(path: Path | None) -> dict[str, Any] | None:
    """The object in a JSON file; None for no file. Raises DataError for anything else."""
    if path is None:
        return None
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"The lineage {path.name} is no readable JSON file.") from error
    if not isinstance(document, dict):
        raise DataError(f"The lineage {path.name} is no JSON object.")
    return document


def lineage_lines(lineage: Mapping[str, Any] | None) -> str:
    """The card's list of it, in Markdown; empty where nothing was written down."""
    if not lineage:
        return ""
    name, number = lineage.get("data_set", "not named"), lineage.get("data_set_version", "?")
    lines = [
        f"- Frozen data set: {name}, version {number}.",
        f"- Its manifest: digest {lineage.get('data_set_digest', 'not known')}.",
        f"- Its split: digest {lineage.get('split_digest', 'not known')}.",
    ]
    if withdrawn := lineage.get("withdrawn_rows"):
        lines.append(f"- Left out because consent was withdrawn: {withdrawn} images.")
    if parent := lineage.get("parent"):
        lines.append(f"- Started from {parent['name']} {parent['version']}, {parent['digest']}.")
    if run := lineage.get("run"):
        lines.append(f"- Training run: {run}.")
    return "\n\n" + "\n".join(lines)
