"""Loading the taxonomy from its files."""

import json
from pathlib import Path
from typing import Any

from django.db import transaction

from clinic.models import Diagnosis

TAXONOMY_DIR = Path(__file__).resolve().parent.parent / "taxonomy"


@transaction.atomic
def load_taxonomy(*, path: Path, diagnosis_model: type[Diagnosis] = Diagnosis) -> int:
    """Write one version's tree. Safe to run again. Returns the number of rows.

    A migration passes its historical model, so that it still runs when columns have been added.
    """
    tree = json.loads(path.read_text(encoding="utf-8"))
    return _load(diagnosis_model, tree["diagnoses"], version=tree["version"], parent=None, start=0)


def _load(
    model: type[Diagnosis],
    nodes: list[dict[str, Any]],
    *,
    version: str,
    parent: Diagnosis | None,
    start: int,
) -> int:
    position = start
    codes = ("ham10000", "isic2019", "icd10", "snomed_ct")
    for node in nodes:
        row, _ = model._default_manager.update_or_create(
            taxonomy_version=version,
            code=node["code"],
            defaults={
                "name": node["name"],
                "parent": parent,
                "malignancy": node["malignancy"],
                "is_selectable": node.get("selectable", True),
                "position": position,
                **{code: node.get(code, "") for code in codes},
            },
        )
        position = _load(
            model, node.get("children", []), version=version, parent=row, start=position + 1
        )
    return position
