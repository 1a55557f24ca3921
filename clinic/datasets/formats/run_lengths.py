"""COCO's run lengths of a region: column by column from the left, outside and inside in turns.

Source: `cocodataset/cocoapi`, `PythonAPI/pycocotools/mask.py`. The rule is that of our masks: a
pixel is inside when its middle is.
"""

from collections.abc import Iterator, Sequence
from math import ceil
from typing import NamedTuple

from clinic.annotation.raster import Point, spans_by_line


class Runs(NamedTuple):
    """`counts` begins with what is outside, perhaps 0. `box` is (x, y, width, height) in px,
    all 0 where no pixel is inside; `area` is the number of pixels inside."""

    counts: list[int]
    area: int
    box: tuple[int, int, int, int]


def run_lengths(points: Sequence[Point], *, width: int, height: int) -> Runs:
    """The runs of the mask of a closed polygon (px) on an image of this size."""
    counts: list[int] = []
    end = 0  # of the last run inside, as a place in the picture read column by column
    left, right, top, bottom = width, -1, height, -1
    area = 0
    for column, first, beyond in _stretches(points, width, height):
        start = column * height + first
        if counts and start == end:  # it goes on from the foot of one column to the next one's top
            counts[-1] += beyond - first
        else:
            counts += [start - end, beyond - first]
        end = column * height + beyond
        area += beyond - first
        left, right = min(left, column), max(right, column)
        top, bottom = min(top, first), max(bottom, beyond)
    if outside := width * height - end:
        counts.append(outside)
    box = (left, top, right + 1 - left, bottom - top) if area else (0, 0, 0, 0)
    return Runs(counts=counts, area=area, box=box)


def _stretches(points: Sequence[Point], width: int, height: int) -> Iterator[tuple[int, int, int]]:
    """Column, first row inside, first row beyond; from left to right, from top to bottom."""
    turned = [(y, x) for x, y in points]
    first = max(0, ceil(min(x for x, _ in points) - 0.5))
    beyond = min(width, ceil(max(x for x, _ in points) - 0.5))
    lines = [column + 0.5 for column in range(first, beyond)]
    for column, spans in zip(range(first, beyond), spans_by_line(turned, lines), strict=True):
        for start, end in spans:
            inside, outside = max(0, ceil(start - 0.5)), min(height, ceil(end - 0.5))
            if outside > inside:
                yield column, inside, outside
