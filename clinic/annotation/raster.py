"""Which part of a horizontal line lies in a polygon: the ground of masks and of measures.

The rule is SVG's default, non-zero winding: where a freehand outline crosses itself, the overlap
belongs to the region, as it does on the screen.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from operator import itemgetter

Point = tuple[float, float]
Span = tuple[float, float]
# y at which the side enters, y at which it leaves, x at y = 0, x a line down, +1 down or -1 up.
_Side = tuple[float, float, float, float, int]


def spans_by_line(points: Sequence[Point], lines: Sequence[float]) -> Iterator[list[Span]]:
    """For each of `lines` (y, ascending): the stretches of x inside, ascending, not touching.

    One pass over the sides: the work is the number of crossings, not sides x lines.
    """
    waiting = _sides(points)
    active: list[_Side] = []
    for y in lines:
        while waiting and waiting[-1][0] <= y:
            active.append(waiting.pop())
        active = [side for side in active if side[1] > y]
        yield _inside(active, y) if active else []


def union_by_line(
    outlines: Sequence[Sequence[Point]], lines: Sequence[float]
) -> Iterator[list[Span]]:
    """The same for several polygons together. What they share is there once."""
    # The uppermost last; each is followed only over the lines that it reaches.
    reaches = [
        (min(y for _, y in points), max(y for _, y in points), points)
        for points in outlines
        if points
    ]
    waiting = sorted(reaches, key=itemgetter(0), reverse=True)
    followed: list[Iterator[list[Span]]] = []
    for index, line in enumerate(lines):
        while waiting and waiting[-1][0] <= line:
            _, bottom, points = waiting.pop()
            beyond = bisect_left(lines, bottom, lo=index)
            followed.append(spans_by_line(points, lines[index:beyond]))
        found = [(outline, next(outline, None)) for outline in followed]
        followed = [outline for outline, spans in found if spans is not None]
        yield joined([span for _, spans in found for span in spans or ()])


def joined(spans: list[Span]) -> list[Span]:
    """Overlapping stretches of several polygons as one."""
    whole: list[Span] = []
    for start, end in sorted(spans):
        if whole and start <= whole[-1][1]:
            whole[-1] = (whole[-1][0], max(end, whole[-1][1]))
        else:
            whole.append((start, end))
    return whole


def _sides(points: Sequence[Point]) -> list[_Side]:
    """Sides that are not level, the uppermost last. Each is half open, so that a corner on a line
    is crossed once."""
    sides = []
    for index, (x1, y1) in enumerate(points):
        x0, y0 = points[index - 1]
        if y0 == y1:
            continue
        slope = (x1 - x0) / (y1 - y0)
        sides.append((min(y0, y1), max(y0, y1), x0 - y0 * slope, slope, 1 if y1 > y0 else -1))
    return sorted(sides, reverse=True)


def _inside(active: list[_Side], y: float) -> list[Span]:
    crossings = sorted((at + slope * y, turn) for _, _, at, slope, turn in active)
    spans: list[Span] = []
    winding, start = 0, 0.0
    for x, turn in crossings:
        if winding == 0:
            start = x
        winding += turn
        if winding == 0 and x > start:
            if spans and spans[-1][1] >= start:
                spans[-1] = (spans[-1][0], x)
            else:
                spans.append((start, x))
    return spans
