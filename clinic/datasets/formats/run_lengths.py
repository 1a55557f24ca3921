"""COCO's run lengths of a region: column by column from the left, outside and inside in turns.

Source: `cocodataset/cocoapi`, `PythonAPI/pycocotools/mask.py`. The pixels are exactly those of our
masks, which are drawn row by row: one is inside when its middle is, and a middle on the very edge
would fall otherwise if columns were drawn.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import ceil
from typing import NamedTuple

from clinic.annotation.raster import Point, Span, spans_by_line


class Runs(NamedTuple):
    """`counts` begins with what is outside, perhaps 0. `box` is (x, y, width, height) in px,
    all 0 where no pixel is inside; `area` is the number of pixels inside."""

    counts: list[int]
    area: int
    box: tuple[int, int, int, int]


def run_lengths(points: Sequence[Point], *, width: int, height: int) -> Runs:
    """The runs of the mask of a closed polygon (px) on an image of this size."""
    columns = _changes(points, width, height)
    places: list[int] = []  # where inside begins or ends, in the picture read column by column
    for column, rows in enumerate(columns):
        for row in rows:
            place = column * height + row
            if places and places[-1] == place:  # on from the foot of a column to the next one's top
                places.pop()
            else:
                places.append(place)
    ends = [0, *places]
    if ends[-1] != width * height:
        ends.append(width * height)
    counts = [end - start for start, end in pairwise(ends)]
    return Runs(counts=counts, area=sum(counts[1::2]), box=_box(columns))


def _changes(points: Sequence[Point], width: int, height: int) -> list[list[int]]:
    """For each column the rows at which inside begins or ends, from the top; at most the height.

    Each row is compared with the one above, so the work and the memory are those of the outline,
    not of the area.
    """
    columns: list[list[int]] = [[] for _ in range(width)]
    first = max(0, ceil(min(y for _, y in points) - 0.5))
    beyond = min(height, ceil(max(y for _, y in points) - 0.5))
    above: list[int] = []
    lines = [row + 0.5 for row in range(first, beyond)]
    for row, spans in enumerate(spans_by_line(points, lines), start=first):
        here = _edges(spans, width)
        _note_changes(columns, row, above, here)
        above = here
    _note_changes(columns, max(first, beyond), above, [])
    return columns


def _edges(spans: Iterable[Span], width: int) -> list[int]:
    """The columns at which inside begins or ends, in turns."""
    edges: list[int] = []
    for start, end in spans:
        first, beyond = max(0, ceil(start - 0.5)), min(width, ceil(end - 0.5))
        if beyond > first:
            edges += [first, beyond]
    return edges


def _note_changes(columns: list[list[int]], row: int, above: list[int], here: list[int]) -> None:
    """Note the columns in which a pixel of this row is not as the one above it."""
    edges: list[int] = []
    for edge in sorted(above + here):
        if edges and edges[-1] == edge:  # both rows begin or end here
            edges.pop()
        else:
            edges.append(edge)
    for first, beyond in zip(edges[::2], edges[1::2], strict=True):
        for column in range(first, beyond):
            columns[column].append(row)


def _box(columns: Sequence[Sequence[int]]) -> tuple[int, int, int, int]:
    changed = [column for column, rows in enumerate(columns) if rows]
    if not changed:
        return 0, 0, 0, 0
    top = min(columns[column][0] for column in changed)
    bottom = max(columns[column][-1] for column in changed)
    return changed[0], top, changed[-1] + 1 - changed[0], bottom - top
