"""HEIC (ISO/IEC 23008-12): what must go is blanked where it lies, because every offset counts.

Kept: the primary picture with the tiles it is made of, their decoder settings, size, rotation and
colour profile. All other bytes of the media data become zero (EXIF, XMP, thumbnails, depth maps,
second pictures, films and whatever no table mentions), their entries lose their type and name, and
what follows the last byte in use is cut off.
"""

from clinic.imaging.containers.bmff import (
    Box,
    Item,
    Reference,
    boxes,
    read_associations,
    read_items,
    read_locations,
    read_references,
)
from clinic.imaging.containers.container import Container
from clinic.imaging.containers.icc import is_icc_profile
from clinic.imaging.exif import ExifFacts, read_exif
from clinic.imaging.limits import Limits
from clinic.imaging.refusals import ImageRefused, RefusalCode, damaged, truncated
from clinic.imaging.signatures import refuse_hidden_files

FILMS = frozenset({b"moov", b"moof"})
KEPT_IN_META = frozenset({b"hdlr", b"pitm", b"iloc", b"iinf", b"iref", b"iprp", b"idat", b"dinf"})
KEPT_PROPERTIES = frozenset({b"hvcC", b"ispe", b"pixi", b"irot", b"imir", b"clap", b"pasp",
                             b"clli", b"mdcv", b"free"})  # fmt: skip
PICTURES = frozenset({b"hvc1", b"grid"})
ICC_COLOURS = frozenset({b"prof", b"rICC"})
_BLANK_KIND = b"free"
_ALPHA = (b"urn:mpeg:hevc:2015:auxid:1", b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha")


def read_heic(content: bytes, limits: Limits) -> Container:
    """Walk a HEIC file. Raises `ImageRefused`."""
    return _Heic(content, limits).container()


class _Heic:
    """One file's tables, and the copy in which the rest is blanked."""

    def __init__(self, content: bytes, limits: Limits) -> None:
        self.content, self.limits = content, limits
        self.top = _top_boxes(content)
        metas = [box for box in self.top if box.kind == b"meta"]
        if len(metas) != 1:
            raise damaged("its table of contents is missing")
        self.meta = list(boxes(content, metas[0].body + 4, metas[0].end))
        self.items = read_items(content, self._table(b"iinf"))
        read_locations(content, self._table(b"iloc"), self.items)
        self.references: list[Reference] = []
        for table in self._tables(b"iref"):
            self.references += read_references(content, table)
        self.properties = self._read_properties()
        self.primary = self._primary()
        self.kept = self._made_of(self.primary)
        self.blanked = bytearray(content)

    def container(self) -> Container:
        """Everything the guard wants to know, and the blanked copy."""
        width, height = self._size()
        exif = self._exif()
        for box in self._blankable():
            self._blank(box.body, box.end)
            self.blanked[box.start + 4 : box.start + 8] = _BLANK_KIND
        self._blank_media()
        self._blank_names()
        return Container(
            format="HEIC",
            width=width,
            height=height,
            channels=3,
            orientation=1,  # the file's own rotation is applied by every decoder
            captured_at=exif.captured_at,
            has_icc=self._has_icc(),
            clean=bytes(self.blanked[: self._end_of_use()]),
        )

    def _tables(self, kind: bytes) -> list[Box]:
        return [box for box in self.meta if box.kind == kind]

    def _table(self, kind: bytes) -> Box:
        found = self._tables(kind)
        if len(found) != 1:
            raise damaged("its table of contents cannot be read")
        return found[0]

    def _primary(self) -> Item:
        table = self._table(b"pitm")
        wide = self.content[table.body : table.body + 1] != b"\x00"
        number = self.content[table.body + 4 : table.body + (8 if wide else 6)]
        primary = self.items.get(int.from_bytes(number, "big"))
        if primary is None or primary.kind not in PICTURES:
            raise damaged("its main picture is missing")
        return primary

    def _made_of(self, primary: Item) -> dict[int, Item]:
        """The primary item and its tiles. A picture with transparency is refused: its alpha plane
        is a second item, and no camera makes one."""
        kept = {primary.number: primary}
        for reference in self.references:
            if reference.box.kind == b"dimg" and reference.source == primary.number:
                for target in reference.targets:
                    tile = self.items.get(target)
                    if tile is None or tile.kind != b"hvc1":
                        raise damaged("a tile of it is missing")
                    kept[target] = tile
            if reference.box.kind == b"auxl" and primary.number in reference.targets:
                self._refuse_alpha(reference.source)
        return kept

    def _refuse_alpha(self, number: int) -> None:
        auxiliary = self.items.get(number)
        for kind, body in self._properties_of(auxiliary) if auxiliary else []:
            if kind == b"auxC" and body[4:].startswith(_ALPHA):
                raise ImageRefused(
                    "This HEIC picture is partly transparent, which no camera makes: "
                    "export it as a JPEG.",
                    RefusalCode.UNSUPPORTED_COLOURS,
                )

    def _read_properties(self) -> list[Box]:
        found: list[Box] = []
        inside = self._table(b"iprp")
        for box in boxes(self.content, inside.body, inside.end):
            if box.kind == b"ipco":
                found += boxes(self.content, box.body, box.end)
            elif box.kind == b"ipma":
                read_associations(self.content, box, self.items)
        return found

    def _properties_of(self, item: Item) -> list[tuple[bytes, bytes]]:
        """Kind and payload of an item's properties."""
        chosen = [self.properties[n - 1] for n in item.properties if 0 < n <= len(self.properties)]
        return [(box.kind, self.content[box.body : box.end]) for box in chosen]

    def _size(self) -> tuple[int, int]:
        """Width and height before rotation. All tiles together may not exceed twice the limit."""
        tiles = 0
        size = (0, 0)
        for item in self.kept.values():
            sizes = [body for kind, body in self._properties_of(item) if kind == b"ispe"]
            if len(sizes) != 1 or len(sizes[0]) != 12:
                raise damaged("its size cannot be read")
            width, height = (int.from_bytes(sizes[0][at : at + 4], "big") for at in (4, 8))
            tiles += width * height if item.kind == b"hvc1" else 0
            if item is self.primary:
                size = (width, height)
        if min(size) == 0:
            raise damaged("its size cannot be read")
        if tiles > 2 * self.limits.max_pixels:
            raise ImageRefused(
                "This HEIC picture is made of more tiles than its size needs (a decompression "
                "bomb): export it as a JPEG.",
                RefusalCode.BOMB,
            )
        return size

    def _has_icc(self) -> bool:
        return any(
            kind == b"colr" and body[:4] in ICC_COLOURS and self._is_colour(body)
            for item in self.kept.values()
            for kind, body in self._properties_of(item)
        )

    def _is_colour(self, body: bytes) -> bool:
        """Whether a colr property says a colour space, and nothing else hides in it."""
        if body[:4] in ICC_COLOURS:
            return is_icc_profile(body[4:], max_bytes=self.limits.max_icc_bytes)
        return body[:4] == b"nclx" and len(body) == 11

    def _is_kept_property(self, box: Box) -> bool:
        if box.kind == b"colr":
            return self._is_colour(self.content[box.body : box.end])
        return box.kind in KEPT_PROPERTIES

    def _exif(self) -> ExifFacts:
        """Facts of the first EXIF item that lies in the media data (23008-12, annex A.2.1)."""
        for item in self.items.values():
            if item.kind == b"Exif" and item.extents and item.extents[0].method == 0:
                block = self.content[item.extents[0].start : item.extents[0].end]
                return read_exif(block[4 + int.from_bytes(block[:4], "big") :])
        return ExifFacts()

    def _blankable(self) -> list[Box]:
        """Boxes that go whole, at any level."""
        top = [box for box in self.top if box.kind not in {b"ftyp", b"meta", b"mdat"}]
        meta = [box for box in self.meta if box.kind not in KEPT_IN_META]
        properties = [box for box in self.properties if not self._is_kept_property(box)]
        return top + meta + properties

    def _blank_media(self) -> None:
        """Zero every byte of the media data that no kept item uses."""
        for method, kind, places in ((0, b"mdat", self.top), (1, b"idat", self.meta)):
            for box in places:
                if box.kind == kind:
                    shift = box.body if method == 1 else 0
                    self._blank_between(box, self._extents(method, shift))

    def _extents(self, method: int, shift: int) -> list[tuple[int, int]]:
        return sorted(
            (extent.start + shift, extent.end + shift)
            for item in self.kept.values()
            for extent in item.extents
            if extent.method == method
        )

    def _blank_between(self, box: Box, used: list[tuple[int, int]]) -> None:
        position = box.body
        for start, end in used:
            if end > len(self.content):
                raise truncated("HEIC")
            if start < box.end and end > box.body:
                self._blank(position, max(position, min(start, box.end)))
                position = max(position, end)
        self._blank(position, box.end)

    def _blank_names(self) -> None:
        """Names are free text; entries of items that are gone also lose their type."""
        for item in self.items.values():
            self._blank(item.kind_at + 4, item.entry_end)
            if item.number not in self.kept:
                self.blanked[item.kind_at : item.kind_at + 4] = _BLANK_KIND
        for reference in self.references:
            if reference.source not in self.kept:
                at = reference.box.start + 4
                self.blanked[at : at + 4] = _BLANK_KIND
        for handler in self._tables(b"hdlr"):
            self._blank(handler.body + 24, handler.end)  # after the type: the writer's name

    def _blank(self, start: int, end: int) -> None:
        if end > start:
            self.blanked[start:end] = bytes(end - start)

    def _end_of_use(self) -> int:
        """The end of the last box that still says something."""
        return max(box.end for box in self.top if box.kind in {b"ftyp", b"meta", b"mdat"})


def _top_boxes(content: bytes) -> list[Box]:
    """The file's outermost boxes; bytes behind them that are no box are dropped or refused."""
    found: list[Box] = []
    try:
        found.extend(boxes(content, 0, len(content)))
    except ImageRefused:
        end = _end_of_picture(content)
        refuse_hidden_files(content, end, kind="HEIC")
        raise
    for box in found:
        if box.kind in FILMS:
            raise ImageRefused(
                "This HEIC file holds a film or a burst: send a single still picture.",
                RefusalCode.ANIMATED,
            )
        if box.kind not in {b"ftyp", b"meta", b"mdat"}:
            refuse_hidden_files(content[box.body : box.end], 0, kind="HEIC")
    return found


def _end_of_picture(content: bytes) -> int:
    """Where the last whole box of a picture ends, in a file with something else behind it."""
    end = 0
    try:
        for box in boxes(content, 0, len(content)):
            if box.kind not in {b"ftyp", b"meta", b"mdat", b"free", b"skip"}:
                break
            end = box.end
    except ImageRefused:
        pass
    return end
