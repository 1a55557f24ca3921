"""Looking through the features inside PostgreSQL, where it has the extension pgvector."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models import FloatField, QuerySet
from django.db.models.expressions import RawSQL

from inference.models import ImageFeatures
from inference.similarity.ranking import ROUNDING, Candidate, Neighbour, nearest_lesions
from inference.similarity.vectors import PACKED, unpacked

# Several images of a lesion, and ties: how many rows are asked for at first.
ROWS_A_LESION = 8
# Vectors are of length 1, so the (negative) inner product is the cosine distance less 1.
_DISTANCE = (
    '1 + ("inference_imagefeatures"."vector"::vector <#> (SELECT asked.vector::vector'
    " FROM inference_imagefeatures AS asked WHERE asked.prediction_id = %s))"
)


@dataclass(frozen=True)
class Proposed:
    """A candidate, and how far PostgreSQL finds it to be."""

    candidate: Candidate
    distance: float


def has_pgvector() -> bool:
    """Whether this database can compare vectors."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regtype('vector') IS NOT NULL")
        return bool(cursor.fetchone()[0])


def nearest_with_pgvector(
    asked: ImageFeatures, among: "QuerySet[ImageFeatures]", count: int
) -> list[Neighbour]:
    """The nearest lesions among the rows; one query, unless very many are equally far."""
    ordered = among.annotate(
        distance=RawSQL(_DISTANCE, [asked.pk], output_field=FloatField()),  # noqa: S611  # constant
        packed=PACKED,
    ).order_by("distance")
    limit = count * ROWS_A_LESION
    while True:
        rows = ordered.values_list(
            "prediction__image_id", "prediction__image__lesion_id", "packed", "distance"
        )[:limit]
        proposed = [
            Proposed(Candidate(image, lesion, unpacked(packed)), distance)
            for image, lesion, packed, distance in rows
        ]
        if len(proposed) < limit or _holds_all_that_count(proposed, count):
            candidates = (row.candidate for row in proposed)
            return nearest_lesions(array("f", asked.vector), candidates, count)
        limit *= 4


def _holds_all_that_count(proposed: Sequence[Proposed], count: int) -> bool:
    """Whether no row beyond these can be among the nearest, however PostgreSQL rounded.

    Its distance misses the exact one by less than ROUNDING, to either side.
    """
    lesions: set[UUID] = set()
    for row in proposed:
        lesions.add(row.candidate.lesion)
        if len(lesions) == count:
            return proposed[-1].distance > row.distance + 2 * ROUNDING
    return False
