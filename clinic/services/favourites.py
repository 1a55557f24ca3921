"""Choosing what the number keys stand for."""

from collections.abc import Mapping

from django.db import transaction

from accounts.errors import InvalidInput
from accounts.models import User
from clinic.models import Diagnosis, FavouriteDiagnosis
from clinic.selectors.diagnoses import current_taxonomy_version

KEYS = range(1, 10)


@transaction.atomic
def choose_favourites(
    *, reader: User, diagnoses: Mapping[int, Diagnosis]
) -> list[FavouriteDiagnosis]:
    """Put diagnoses on the reader's number keys (1 to 9), in place of those before.

    An empty choice brings the usual ones back. Raises InvalidInput for a diagnosis that cannot be
    chosen, one that is chosen twice, or a key that is none.
    """
    # One at a time for a person: two windows that save at once must not mix their keys.
    User.objects.select_for_update().get(pk=reader.pk)
    seen: dict[int, int] = {}
    for key, diagnosis in sorted(diagnoses.items()):
        if key not in KEYS:
            raise InvalidInput("Favourites lie on the number keys 1 to 9.")
        if not (
            diagnosis.is_selectable and diagnosis.taxonomy_version == current_taxonomy_version()
        ):
            raise InvalidInput("Choose a diagnosis from the list.", field=f"key_{key}")
        if (other := seen.setdefault(diagnosis.pk, key)) != key:
            msg = f"{diagnosis.name} is on key {other} already. Choose another for key {key}."
            raise InvalidInput(msg, field=f"key_{key}")
    FavouriteDiagnosis.objects.filter(reader=reader).delete()
    return FavouriteDiagnosis.objects.bulk_create(
        FavouriteDiagnosis(reader=reader, position=key, diagnosis=diagnosis)
        for key, diagnosis in sorted(diagnoses.items())
    )
