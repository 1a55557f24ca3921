"""Boxes and items of the ISO base media file format (ISO/IEC 14496-12, 23008-12 for HEIF).

Only what a still picture needs, read with bounds everywhere; offsets are into the whole file, so
that what must go can be blanked where it lies.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from clinic.imaging.refusals import damaged, truncated

MAX_BOXES = 20_000
MAX_ITEMS = 4_096


class Box(NamedTuple):
    """`start` is where the box's header begins, `body` where its payload does."""

    kind: bytes
    start: int
    body: int
    end: int


class Extent(NamedTuple):
    """`method` 0: offsets from the file's start; 1: from the start of the idat payload."""

    method: int
    start: int
    end: int


@dataclass(slots=True)
class Item:
    """One entry of the item tables. `kind_at` is where its four-letter type is written."""

    number: int
    kind: bytes
    kind_at: int
    entry_end: int
    extents: list[Extent] = field(default_factory=list)
    properties: list[int] = field(default_factory=list)


class Reference(NamedTuple):
    """`kind` says what `source` is to its `targets`, e.g. dimg: made of."""

    box: Box
    source: int
    targets: tuple[int, ...]


class Fields:
    """Big-endian numbers one after the other, never beyond `end`."""

    def __init__(self, content: bytes, start: int, end: int) -> None:
        self.content, self.position, self.end = content, start, end

    def take(self, size: int) -> int:
        """An unsigned number of `size` bytes; 0 bytes are the number 0."""
        if self.position + size > self.end:
            raise damaged("a table in it is too short")
        value = int.from_bytes(self.content[self.position : self.position + size], "big")
        self.position += size
        return value


def boxes(content: bytes, start: int, end: int) -> Iterator[Box]:
    """The boxes between two offsets. Raises `ImageRefused` where one does not fit."""
    position = start
    for _ in range(MAX_BOXES):
        if position == end:
            return
        if position + 8 > end:
            raise truncated("HEIC")
        size, kind = struct.unpack_from(">I4s", content, position)
        body = position + 8
        if size == 1:
            if body + 8 > end:
                raise truncated("HEIC")
            (size,) = struct.unpack_from(">Q", content, body)
            body += 8
        elif size == 0:
            size = end - position
        if size < body - position:
            raise damaged("a part of it has no length")
        if position + size > end:
            raise truncated("HEIC")
        yield Box(kind, position, body, position + size)
        position += size
    raise damaged("it has too many parts")


def read_items(content: bytes, iinf: Box) -> dict[int, Item]:
    """The item information table: which items there are and of what type."""
    fields = Fields(content, iinf.body, iinf.end)
    version = fields.take(4) >> 24
    fields.take(2 if version == 0 else 4)
    items: dict[int, Item] = {}
    for entry in boxes(content, fields.position, iinf.end):
        if entry.kind != b"infe" or len(items) >= MAX_ITEMS:
            raise damaged("its table of parts cannot be read")
        fields = Fields(content, entry.body, entry.end)
        version = fields.take(4) >> 24
        if version not in {2, 3}:
            raise damaged("its table of parts is of an unknown version")
        number = fields.take(2 if version == 2 else 4)
        fields.take(2)
        kind_at = fields.position
        kind = fields.take(4).to_bytes(4, "big")
        items[number] = Item(number, kind, kind_at, entry.end)
    return items


def read_locations(content: bytes, iloc: Box, items: dict[int, Item]) -> None:
    """The item location table: where each item's bytes lie, put into `items`."""
    fields = Fields(content, iloc.body, iloc.end)
    version = fields.take(4) >> 24
    if version > 2:
        raise damaged("its table of places is of an unknown version")
    sizes, more_sizes = fields.take(1), fields.take(1)
    offset_size, length_size = sizes >> 4, sizes & 15
    base_size, index_size = more_sizes >> 4, (more_sizes & 15) if version else 0
    for _ in range(min(fields.take(2 if version < 2 else 4), MAX_ITEMS)):
        number = fields.take(2 if version < 2 else 4)
        method = fields.take(2) & 15 if version else 0
        in_this_file = fields.take(2) == 0
        base = fields.take(base_size)
        for _ in range(fields.take(2)):
            fields.take(index_size)
            start = base + fields.take(offset_size)
            length = fields.take(length_size)
            if number in items:
                if not in_this_file or method > 1:
                    raise damaged("a part of it lies in another file")
                items[number].extents.append(Extent(method, start, start + length))


def read_references(content: bytes, iref: Box) -> list[Reference]:
    """The item reference table."""
    fields = Fields(content, iref.body, iref.end)
    id_size = 4 if fields.take(4) >> 24 else 2
    references = []
    for box in boxes(content, fields.position, iref.end):
        fields = Fields(content, box.body, box.end)
        source = fields.take(id_size)
        targets = tuple(fields.take(id_size) for _ in range(fields.take(2)))
        references.append(Reference(box, source, targets))
    return references


def read_associations(content: bytes, ipma: Box, items: dict[int, Item]) -> None:
    """Which properties (counted from 1) belong to which item, put into `items`."""
    fields = Fields(content, ipma.body, ipma.end)
    head = fields.take(4)
    wide = head & 1
    for _ in range(min(fields.take(4), MAX_ITEMS)):
        number = fields.take(4 if head >> 24 else 2)
        for _ in range(fields.take(1)):
            index = fields.take(2) & 0x7FFF if wide else fields.take(1) & 0x7F
            if number in items:
                items[number].properties.append(index)
