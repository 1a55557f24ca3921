"""What lesions turned out to be."""

from collections.abc import Iterable
from uuid import UUID

from accounts.models import User
from clinic.models import ConfirmationMethod, PathologyResult
from clinic.selectors import visible_pathology

# The most certain first.
CERTAINTY = {method.value: rank for rank, method in enumerate(ConfirmationMethod)}


def confirmed_results(user: User, lesions: Iterable[UUID]) -> dict[UUID, PathologyResult]:
    """The result that counts for each lesion that has one, in one query.

    Histopathology outranks the others; of equally certain results the newest counts.
    """
    results: dict[UUID, PathologyResult] = {}
    for result in (
        visible_pathology(user)
        .filter(lesion__in=list(lesions))
        .select_related("diagnosis")
        .order_by("created_at", "id")
    ):
        known = results.get(result.lesion_id)
        if known is None or CERTAINTY[result.method] <= CERTAINTY[known.method]:
            results[result.lesion_id] = result
    return results
