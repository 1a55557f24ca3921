"""The taxonomy's file and its rows."""

import json
from pathlib import Path

import pytest

from clinic.models import Diagnosis
from clinic.services import load_taxonomy
from clinic.services.taxonomy import TAXONOMY_DIR

FILES = sorted(TAXONOMY_DIR.glob("*.json"))


def nodes(tree: list[dict[str, object]]) -> list[dict[str, object]]:
    return [node for top in tree for node in [top, *nodes(top.get("children", []))]]  # type: ignore[arg-type]


@pytest.mark.django_db
def test_loading_again_changes_nothing() -> None:
    before = list(Diagnosis.objects.order_by("pk").values())
    load_taxonomy(path=TAXONOMY_DIR / "2026.1.json")
    assert list(Diagnosis.objects.order_by("pk").values()) == before


@pytest.mark.django_db
def test_a_new_version_leaves_the_old_one_alone(tmp_path: Path) -> None:
    before = list(Diagnosis.objects.values())
    tree = {"version": "2027.1", "diagnoses": [
        {"code": "melanoma", "name": "Melanoma", "malignancy": "malignant"}
    ]}  # fmt: skip
    path = tmp_path / "2027.1.json"
    path.write_text(json.dumps(tree))
    load_taxonomy(path=path)
    assert list(Diagnosis.objects.filter(taxonomy_version="2026.1").values()) == before
    assert Diagnosis.objects.filter(code="melanoma").count() == 2


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_has_each_code_once_and_a_choice_for_each_class(path: Path) -> None:
    tree = json.loads(path.read_text())
    rows = nodes(tree["diagnoses"])
    codes = [row["code"] for row in rows]
    assert len(codes) == len(set(codes))
    assert tree["version"] == path.stem
    classes = [row["ham10000"] for row in rows if "ham10000" in row and row.get("selectable", True)]
    assert sorted(classes) == ["akiec", "bcc", "bkl", "df", "mel", "nv", "vasc"]


@pytest.mark.django_db
def test_no_code_of_another_system_is_called_checked_before_somebody_checked_it() -> None:
    assert not Diagnosis.objects.filter(codes_verified=True).exists()
