"""Looking through the features in this process's memory, where the database has no pgvector."""

import threading
from array import array
from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from inference.models import ImageFeatures
from inference.similarity.ranking import Candidate, Neighbour, nearest_lesions
from inference.similarity.vectors import PACKED, unpacked

ROWS_A_STATEMENT = 2000
# Of 512 numbers: 100 MB. A process that has seen more of them begins anew.
MOST_KEPT = 50_000


class KeptVectors:
    """Features by prediction, as they were when that prediction was answered.

    The database says at each search which rows count and when they were answered; only what is
    new or was answered again is fetched. So nothing here can be out of date.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[UUID, tuple[datetime | None, array[float]]] = {}

    def candidates(
        self, rows: Sequence[tuple[UUID, datetime | None, UUID, UUID]]
    ) -> Iterator[Candidate]:
        """Rows (prediction, answered at, image, lesion) with their features."""
        kept = self._fetched(rows)
        for prediction, _, image, lesion in rows:
            # Deleted since the rows were listed: there is nothing to compare.
            if (entry := kept.get(prediction)) is not None:
                yield Candidate(image, lesion, entry[1])

    def _fetched(
        self, rows: Sequence[tuple[UUID, datetime | None, UUID, UUID]]
    ) -> dict[UUID, tuple[datetime | None, "array[float]"]]:
        with self._lock:
            if len(self._kept) > max(MOST_KEPT, len(rows)):
                self._kept = {}
            answered_at = {row[0]: row[1] for row in rows}
            missing = [
                key
                for key, at in answered_at.items()
                if key not in self._kept or self._kept[key][0] != at
            ]
            for start in range(0, len(missing), ROWS_A_STATEMENT):
                found = ImageFeatures.objects.filter(
                    pk__in=missing[start : start + ROWS_A_STATEMENT]
                ).annotate(packed=PACKED)
                for key, packed in found.values_list("pk", "packed"):
                    self._kept[key] = answered_at[key], unpacked(packed)
            return dict(self._kept)


_vectors = KeptVectors()


def nearest_in_memory(
    asked: ImageFeatures, among: "QuerySet[ImageFeatures]", count: int
) -> list[Neighbour]:
    """The nearest lesions among the rows; two queries when nothing is new."""
    rows = list(
        among.values_list(
            "pk",
            "prediction__finished_at",
            "prediction__image_id",
            "prediction__image__lesion_id",
        )
    )
    return nearest_lesions(array("f", asked.vector), _vectors.candidates(rows), count)
