"""The taxonomy that the migrations loaded, which tests that commit take away."""

import pytest

from clinic.services import load_taxonomy
from clinic.services.taxonomy import TAXONOMY_DIR


@pytest.fixture(autouse=True)
def taxonomy(transactional_db: None) -> None:
    """What the migrations loaded, and an earlier test of this kind took away."""
    load_taxonomy(path=TAXONOMY_DIR / "2026.1.json")
