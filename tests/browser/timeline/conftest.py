"""The taxonomy that the migrations loaded, which tests that commit take away, and a lesion."""

from typing import Any

import pytest

from accounts.models import Organisation, User
from clinic.models import Lesion
from clinic.services import load_taxonomy
from clinic.services.taxonomy import TAXONOMY_DIR
from tests.clinic.lesion_history import visit
from tests.factories import LesionFactory, PatientFactory

SPACING = 20.0


@pytest.fixture(autouse=True)
def taxonomy(transactional_db: None) -> None:
    """What the migrations loaded, and an earlier test of this kind took away."""
    load_taxonomy(path=TAXONOMY_DIR / "2026.1.json")


@pytest.fixture
def lesion(northside: Organisation, dana: User) -> Lesion:
    """Seen three times: twice signed and outlined, the last time waiting."""
    found = LesionFactory(patient=PatientFactory(organisation=northside, family_name="Halvorsen"))
    common: dict[str, Any] = {"outlined_by": dana, "signed_by": dana, "pixel_spacing_um": SPACING}
    visit(found, days_ago=500, number=1, radii=(90, 60), **common)
    visit(found, days_ago=250, number=2, radii=(110, 80), code="melanoma", **common)
    visit(found, days_ago=1, number=3, radii=(140, 110), kinds=("dermoscopic", "close_up"),
          outlined_by=dana, pixel_spacing_um=SPACING)  # fmt: skip
    return found
