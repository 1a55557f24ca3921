"""What a writer is given: a frozen version as streams, so that its size does not matter."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from operator import itemgetter
from typing import Any, NamedTuple

from clinic.annotation.raster import Point
from clinic.datasets.description import SPLITS, ConsentScope
from clinic.datasets.formats.streams import chunked
from clinic.datasets.manifest import ManifestRow, Tombstone


class DrawnRegion(NamedTuple):
    """One signed region on one image, as it may leave the house.

    `key` and `reader` are pseudonyms, `image` is `ManifestRow.image`. `selector` is the stored W3C
    selector, `points` the same outline as a closed polygon in px. There is no field for a remark
    or a day: a remark may name a person.
    """

    key: str
    image: str
    reader: str
    label: str
    selector: Mapping[str, str]
    points: Sequence[Point]


def nothing_drawn(rows: Sequence[ManifestRow]) -> Iterable[DrawnRegion]:
    """The regions of a version whose images carry none."""
    return ()


@dataclass(frozen=True)
class Tally:
    """Counts of the rows that are left, and of those withdrawn."""

    rows: int
    withdrawn: int
    by: Mapping[str, Mapping[str, int]]
    """Column -> value as text -> rows, for the columns of `TALLIED`. No empty values."""

    @property
    def labels(self) -> list[str]:
        """The classes that occur, in alphabetical order: the order of class numbers."""
        return sorted(self.by["label"])

    @property
    def splits(self) -> list[str]:
        """The splits that have rows, in the order train, validation, test."""
        return [split for split in SPLITS if self.by["split"].get(split)]


TALLIED = ("label", "label_source", "confirmation", "malignancy", "split", "sex", "body_site",
           "skin_type", "image_kind", "media_type", "consent")  # fmt: skip


@dataclass(frozen=True)
class FrozenVersion:
    """One frozen version of a data set.

    `rows` opens a new stream in the order of the rows' numbers every time it is called; writers
    call it once or several times a file. `regions` gives the regions of some rows, at most
    `streams.CHUNK`, in any order: those of readings that were signed when the version was frozen.
    `isic2019` says the column of ISIC 2019's ground truth for a label; what it does not name is
    UNK. `class_names` are words for people. `frozen_on` is a day (ISO 8601). `header` is the
    manifest's.
    """

    name: str
    number: int
    digest: str
    split_digest: str
    seed: int
    frozen_on: str
    header: Mapping[str, Any]
    rows: Callable[[], Iterable[ManifestRow | Tombstone]]
    regions: Callable[[Sequence[ManifestRow]], Iterable[DrawnRegion]] = nothing_drawn
    isic2019: Mapping[str, str] = field(default_factory=dict)
    class_names: Mapping[str, str] = field(default_factory=dict)

    def kept(self, split: str | None = None) -> Iterator[ManifestRow]:
        """The rows that are no tombstones, of all splits or of one."""
        for row in self.rows():
            if isinstance(row, ManifestRow) and (split is None or row.split == split):
                yield row

    def drawn(self, rows: Sequence[ManifestRow]) -> Iterator[tuple[ManifestRow, DrawnRegion]]:
        """The regions on these images, in the order of the rows and of the regions' keys."""
        by_image = {row.image: row for row in rows}
        regions = [region for region in self.regions(rows) if region.image in by_image]
        regions.sort(key=lambda region: (by_image[region.image].number, region.key))
        for region in regions:
            yield by_image[region.image], region

    @cached_property
    def tally(self) -> Tally:
        """Counted once, over the whole version."""
        return tally(self.rows())

    @property
    def title(self) -> str:
        """Name and number on one line."""
        return f"{' '.join(self.name.split())}, version {self.number}"

    @property
    def may_be_passed_on(self) -> bool:
        """Whether it was frozen to be passed on, and every row that is left may be.

        A version frozen for training says so to everybody who looks at it; that all patients in it
        happened to agree to more was asked of nobody.
        """
        scope = self.header.get("description", {}).get("consent")
        only_training = self.tally.by["consent"].get(ConsentScope.TRAINING, 0)
        return scope == ConsentScope.SHARING and not only_training


def tally(rows: Iterable[ManifestRow | Tombstone]) -> Tally:
    """Count in one pass."""
    places = [(column, itemgetter(ManifestRow._fields.index(column))) for column in TALLIED]
    counted = {column: Counter[Any]() for column in TALLIED}
    kept = withdrawn = 0
    for chunk in chunked(rows):
        present = [row for row in chunk if isinstance(row, ManifestRow)]
        kept, withdrawn = kept + len(present), withdrawn + len(chunk) - len(present)
        for column, value in places:
            counted[column].update(map(value, present))
    by = {column: {str(value): count for value, count in counted[column].items()
                   if value not in {"", None}} for column in TALLIED}  # fmt: skip
    return Tally(rows=kept, withdrawn=withdrawn, by=by)
