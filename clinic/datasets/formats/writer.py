"""What a format is: a few documents over the whole version, and what each row adds.

A job writes an export like this, and can stop after any file and any step:

    for file in form.documents(version):
        store(file.path, file.pieces())
    for step in steps(version, form, after=done):
        for path, row in step.images:
            copy(the image of row, path)
        for file in step.files:
            store(file.path, file.pieces())
        done = step.last
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from clinic.datasets.formats.streams import UnsafeValue, chunked
from clinic.datasets.formats.version import FrozenVersion
from clinic.datasets.manifest import ManifestRow

STEP = 50
"""Rows of a step: what is done again at most when a job was stopped."""
_STEM = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,119}")


class ExportFile(NamedTuple):
    """A file of an export. `pieces` opens a new stream of its bytes each time it is called."""

    path: str
    media_type: str
    pieces: Callable[[], Iterator[bytes]]


class Step(NamedTuple):
    """What some rows add. `last` is the number of the last of them: write it down when all is
    stored, and pass it as `after` to go on."""

    last: int
    images: list[tuple[str, ManifestRow]]
    files: Iterator[ExportFile]


def no_image(row: ManifestRow) -> str | None:
    """The format comes without image files."""
    return None


def no_files(version: FrozenVersion, rows: Sequence[ManifestRow]) -> Iterator[ExportFile]:
    """A row adds no file but its image."""
    return iter(())


def in_images(row: ManifestRow) -> str | None:
    """All images in one folder."""
    return f"images/{row.filename}"


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """One way to write a version.

    `documents` are the files over the whole version, in the order in which they are written (a
    writer may count the rows to know them). `image_path` is where an image belongs, or None.
    `needs` are modules that the writing process must have and the web process has not.
    """

    key: str
    name: str
    description: str
    documents: Callable[[FrozenVersion], list[ExportFile]]
    image_path: Callable[[ManifestRow], str | None] = no_image
    row_files: Callable[[FrozenVersion, Sequence[ManifestRow]], Iterator[ExportFile]] = no_files
    has_images: bool = False
    has_masks: bool = False
    has_annotations: bool = False
    needs: tuple[str, ...] = ()

    @property
    def has_steps(self) -> bool:
        """Whether rows add files; otherwise the documents are all there is."""
        return self.has_images or self.row_files is not no_files


def steps(version: FrozenVersion, form: ExportFormat, *, after: int = 0) -> Iterator[Step]:
    """What the rows with a number above `after` add, in their order. Tombstones add nothing.

    Raises UnsafeValue for an image whose pseudonym cannot name a file.
    """
    if not form.has_steps:
        return
    left = (row for row in version.kept() if row.number > after)
    for rows in chunked(left, STEP):
        images = []
        for row in rows:
            if not _STEM.fullmatch(row.image):
                raise UnsafeValue(f"The image {row.image[:40]!r} cannot name a file.")
            if path := form.image_path(row):
                images.append((path, row))
        yield Step(last=rows[-1].number, images=images, files=form.row_files(version, rows))
