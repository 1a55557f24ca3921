"""What was shown of the model's opinion, which no later answer replaces."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from accounts.models import User
from clinic.models import Case


@dataclass(frozen=True)
class Shown:
    """The opinion on one lesion as it is on record, and when a reader saw it."""

    opinion: Mapping[str, Any]
    at: datetime

    @property
    def version(self) -> UUID:
        """The model version that gave it."""
        return UUID(self.opinion["version"])

    def holds(self, image: UUID) -> bool:
        """Whether the opinion is made of the answer to this image."""
        return str(image) in self.opinion.get("images", ())


def shown_opinions(case: Case, reader: User | None = None) -> dict[UUID, Shown]:
    """By lesion, in one query: to this reader, or to any.

    What the reader of the case's answer saw counts before what others saw.
    """
    readings = case.readings.exclude(model_opinion={}).exclude(revealed_at=None)
    if reader is not None:
        readings = readings.filter(reader=reader)
    shown: dict[UUID, Shown] = {}
    for reading in sorted(
        readings.order_by("revealed_at", "id"), key=lambda reading: reading.pk == case.answer_id
    ):
        for lesion, opinion in reading.model_opinion.items():
            if isinstance(opinion, dict) and opinion.get("version") and reading.revealed_at:
                shown[UUID(lesion)] = Shown(opinion, reading.revealed_at)
    return shown
