"""The diagnoses on a reader's number keys."""

from dataclasses import dataclass

from accounts.models import User
from clinic.models import Diagnosis, FavouriteDiagnosis
from clinic.selectors.diagnoses import Taxonomy

# What a dermatologist names most often comes first; the codes of taxonomy 2026.1.
DEFAULTS = (
    "nevus",
    "seborrheic-keratosis",
    "melanoma",
    "basal-cell-carcinoma",
    "actinic-keratosis",
    "squamous-cell-carcinoma",
    "dermatofibroma",
    "vascular",
    "dysplastic-nevus",
)


@dataclass(frozen=True)
class Favourite:
    """A number key, 1 to 9, and what it chooses."""

    key: int
    diagnosis: Diagnosis


def favourites(user: User, taxonomy: Taxonomy) -> list[Favourite]:
    """The reader's own keys, or the usual ones for whoever has chosen none; in one query.

    A favourite that a newer taxonomy has under the same code stays; what it no longer has is left
    out.
    """
    own = FavouriteDiagnosis.objects.filter(reader=user).order_by("position")
    chosen = [(row.position, row.diagnosis.code) for row in own.select_related("diagnosis")]
    by_code = {entry.diagnosis.code: entry.diagnosis for entry in taxonomy.by_key.values()}
    return [
        Favourite(key, by_code[code])
        for key, code in (chosen or enumerate(DEFAULTS, start=1))
        if code in by_code
    ]
