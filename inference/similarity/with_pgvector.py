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
    """An image, and how far PostgreSQL finds it to be."""

    prediction: UUID
    image: UUID
    lesion: UUID
    distance: float


def has_pgvector() -> bool:
    """Whether this database can compare vectors."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regtype('vector') IS NOT NULL")
        return bool(cursor.fetchone()[0])


def nearest_with_pgvector(
    asked: ImageFeatures, among: "QuerySet[ImageFeatures]", count: int
) -> list[Neighbour]:
    """The nearest lesions among the rows; two queries, unless very many are equally far."""
    proposed = _proposed(asked, among, count)
    # Apart from the search, which would otherwise pack the features of every row before it sorts.
    rows = ImageFeatures.objects.filter(pk__in=[row.prediction for row in proposed])
    packed = dict(rows.annotate(packed=PACKED).values_list("pk", "packed"))
    candidates = (
        Candidate(row.image, row.lesion, unpacked(packed[row.prediction]))
        for row in proposed
        if row.prediction in packed
    )
    return nearest_lesions(array("f", asked.vector), candidates, count)


def _proposed(asked: ImageFeatures, among: "QuerySet[ImageFeatures]", count: int) -> list[Proposed]:
    """Images of which the nearest lesions' are certainly some, nearest first."""
    ordered = among.annotate(
        distance=RawSQL(_DISTANCE, [asked.pk], output_field=FloatField()),  # noqa: S611  # constant
    ).order_by("distance")
    columns = ordered.values_list(
        "pk", "prediction__image_id", "prediction__image__lesion_id", "distance"
    )
    limit = count * ROWS_A_LESION
    while True:
        rows = [Proposed(*row) for row in columns[:limit]]
        if len(rows) < limit or _holds_all_that_count(rows, count):
            return rows
        limit *= 4


def _holds_all_that_count(proposed: Sequence[Proposed], count: int) -> bool:
    """Whether no row beyond these can be among the nearest, however PostgreSQL rounded.

    Its distance misses the exact one by less than ROUNDING, to either side.
    """
    lesions: set[UUID] = set()
    for row in proposed:
        lesions.add(row.lesion)
        if len(lesions) == count:
            return proposed[-1].distance > row.distance + 2 * ROUNDING
    return False
