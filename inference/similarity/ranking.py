"""Which lesions are nearest: the one place that decides, so that every search answers alike.

PostgreSQL sums products in another order and precision than Python does. A search therefore only
proposes candidates; what their distance is and who comes first in a tie is settled here.
"""

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from operator import mul
from struct import pack, unpack
from uuid import UUID

# Four-byte sums of at most 2,048 products of unit vectors miss by less than 2048 * 2**-24.
ROUNDING = 2.5e-4


@dataclass(frozen=True)
class Candidate:
    """One image of one lesion with its features, of length 1, as four-byte floats."""

    image: UUID
    lesion: UUID
    vector: "array[float]"


@dataclass(frozen=True, order=True)
class Neighbour:
    """A lesion's nearest image. `distance` is 1 - cosine, rounded to four bytes: 0 is the same."""

    distance: float
    image: UUID
    lesion: UUID


def cosine_distance(one: "array[float]", other: "array[float]") -> float:
    """From 0, the same direction, to 2, the opposite one; both vectors have length 1."""
    exact = 1.0 - sum(map(mul, one, other))
    rounded: float = unpack("<f", pack("<f", exact))[0]
    return max(0.0, rounded)


def nearest_lesions(
    asked: "array[float]", candidates: Iterable[Candidate], count: int
) -> list[Neighbour]:
    """The nearest image of each of the `count` nearest lesions.

    In a tie of distances the smaller image key comes first: the answer is the same every time.
    """
    best: dict[UUID, Neighbour] = {}
    for candidate in candidates:
        found = Neighbour(
            cosine_distance(asked, candidate.vector), candidate.image, candidate.lesion
        )
        known = best.get(candidate.lesion)
        if known is None or found < known:
            best[candidate.lesion] = found
    return sorted(best.values())[:count]
