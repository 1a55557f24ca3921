"""Every visit at which a lesion was photographed, and the two that are compared.

Of a case that is still open nothing is told but that it is: not even its state, which would say
that two readers disagree. What is told of a closed one is its answer.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from accounts.models import User
from clinic.models import (
    CLOSED_STATES,
    Case,
    CaseState,
    ImageKind,
    Lesion,
    LesionImage,
    Read,
)
from clinic.selectors.images import visible_images
from clinic.selectors.reads import answer_reads

# What compares best comes first: a dermoscope keeps distance and light the same.
KINDS = (ImageKind.DERMOSCOPIC, ImageKind.CLOSE_UP, ImageKind.OVERVIEW)
NOT_A_VISIT = (CaseState.DRAFT, CaseState.CANCELLED)


@dataclass
class Visit:
    """One case's images of one lesion, and what was made of it where the case is closed."""

    case: Case
    images: list[LesionImage] = field(default_factory=list)
    answer: Read | None = None

    @property
    def at(self) -> datetime:
        """When the pictures were taken, or else submitted."""
        taken = [image.captured_at for image in self.images if image.captured_at]
        return min(taken, default=self.case.submitted_at or self.case.created_at)

    @property
    def is_open(self) -> bool:
        """Whether the case is still to be decided on."""
        return self.case.state not in CLOSED_STATES

    @property
    def picture(self) -> LesionImage:
        """The image that stands for the visit."""
        return self.of_kind(KINDS)

    def of_kind(self, kinds: Iterable[str]) -> LesionImage:
        """The first image of the first of these kinds that there is, or else the first image."""
        for kind in kinds:
            for image in self.images:
                if image.kind == kind:
                    return image
        return self.images[0]

    def image(self, key: str) -> LesionImage | None:
        """The image with this key."""
        return next((image for image in self.images if str(image.pk) == key), None)


class Side(NamedTuple):
    """One of the two that are compared."""

    visit: Visit
    image: LesionImage


class Pair(NamedTuple):
    """The earlier visit to the left, the later one to the right."""

    left: Side
    right: Side

    @property
    def is_of_one_kind(self) -> bool:
        """Whether both were taken the same way."""
        return self.left.image.kind == self.right.image.kind


def lesion_visits(user: User, lesions: Iterable[Lesion]) -> dict[UUID, list[Visit]]:
    """The visits of each lesion, the oldest first, in two queries however many there are."""
    keys = [lesion.pk for lesion in lesions]
    by_case: dict[tuple[UUID, UUID], Visit] = {}
    images = (
        visible_images(user)
        .filter(lesion__in=keys)
        .exclude(case__state__in=NOT_A_VISIT)
        .select_related("case", "lesion")
        .order_by("created_at", "id")
    )
    for image in images:
        place = (image.lesion_id, image.case_id)
        by_case.setdefault(place, Visit(image.case)).images.append(image)
    for read in answer_reads(user).filter(lesion__in=keys, case__state__in=CLOSED_STATES):
        if visit := by_case.get((read.lesion_id, read.case_id)):
            visit.answer = read
    visits: dict[UUID, list[Visit]] = {key: [] for key in keys}
    for (lesion, _), visit in by_case.items():
        visits[lesion].append(visit)
    for row in visits.values():
        row.sort(key=lambda visit: (visit.at, visit.case.number))
    return visits


def pair_of(visits: Sequence[Visit], *, left: str = "", right: str = "") -> Pair | None:
    """The two to compare: these images, or else the newest visit and the one before.

    `left` and `right` are keys of images; what is not among the visits is ignored, and the older
    one stands to the left whichever way they were named. An image that was not named is of the
    kind of the other one where its visit has that kind. None where there are fewer than two visits.
    """
    if len(visits) < 2:
        return None
    named = [side for key in (left, right) if key and (side := _side_of(visits, key))]
    if len(named) == 2 and named[0].visit is not named[1].visit:
        older, newer = sorted(named, key=lambda side: visits.index(side.visit))
        return Pair(older, newer)
    if named:
        return _beside(visits, named[0], is_left=bool(_side_of(visits, left)))
    older_visit, newer_visit = visits[-2:]
    kinds = _common_kinds(older_visit, newer_visit)
    return Pair(
        Side(older_visit, older_visit.of_kind(kinds)), Side(newer_visit, newer_visit.of_kind(kinds))
    )


def _beside(visits: Sequence[Visit], named: Side, *, is_left: bool) -> Pair:
    """Beside an older one stands the newest; beside a newer one the one before it."""
    place = visits.index(named.visit)
    if is_left:
        other = visits[-1] if named.visit is not visits[-1] else visits[-2]
    else:
        other = visits[place - 1] if place else visits[1]
    beside = Side(other, other.of_kind((named.image.kind, *KINDS)))
    older, newer = sorted((named, beside), key=lambda side: visits.index(side.visit))
    return Pair(older, newer)


def _side_of(visits: Sequence[Visit], key: str) -> Side | None:
    for visit in visits:
        if key and (image := visit.image(key)):
            return Side(visit, image)
    return None


def _common_kinds(first: Visit, second: Visit) -> list[str]:
    """The kinds that both visits have, best first; all of them where they share none."""
    both = {image.kind for image in first.images} & {image.kind for image in second.images}
    return [kind for kind in KINDS if kind in both] or list(KINDS)
