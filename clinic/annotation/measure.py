"""How large a region is: its area and its longest diameter, in pixels and in millimetres."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, hypot

from clinic.annotation.raster import Point, union_by_line

FEWEST_LINES, MOST_LINES = 512, 8192


@dataclass(frozen=True, slots=True)
class Size:
    """`area_px` in square px, `diameter_px` in px; `area_mm2` and `diameter_mm` where the pixel
    spacing is known, otherwise None."""

    area_px: float
    diameter_px: float
    area_mm2: float | None
    diameter_mm: float | None

    @classmethod
    def of(cls, area: float, diameter: float, *, spacing_um: float | None) -> "Size":
        """The size of what was measured in pixels."""
        if spacing_um is None:
            return cls(area, diameter, None, None)
        millimetres = spacing_um / 1000
        return cls(area, diameter, area * millimetres**2, diameter * millimetres)


def measure(outlines: Sequence[Sequence[Point]], *, spacing_um: float | None = None) -> Size | None:
    """The size of these polygons (px) taken together; None where there is none.

    What they share counts once. `spacing_um` is micrometres a pixel, the same in both directions.
    The diameter is the longest distance between any two points (Feret's maximum).
    """
    points = [point for outline in outlines for point in outline]
    if len(points) < 3:
        return None
    return Size.of(_area(outlines), longest_diameter(points), spacing_um=spacing_um)


def longest_diameter(points: Sequence[Point]) -> float:
    """The longest distance between two of the points: rotating calipers on their convex hull."""
    hull = _hull(points)
    if len(hull) < 3:
        return max((hypot(a[0] - b[0], a[1] - b[1]) for a in hull for b in hull), default=0.0)
    longest, across = 0.0, 1
    for index, end in enumerate(hull):
        start = hull[index - 1]
        while True:
            beyond = (across + 1) % len(hull)
            if _turn(start, end, hull[beyond]) <= _turn(start, end, hull[across]):
                break
            across = beyond
        for corner in (start, end):
            there = hull[across]
            longest = max(longest, hypot(corner[0] - there[0], corner[1] - there[1]))
    return longest


def _area(outlines: Sequence[Sequence[Point]]) -> float:
    """Square px of the union, by the mid-point rule over lines a quarter of a pixel apart or less.

    Adding up cross products would count a loop that runs the other way as negative.
    """
    heights = [y for outline in outlines for _, y in outline]
    top, bottom = min(heights), max(heights)
    count = min(max(ceil(4 * (bottom - top)), FEWEST_LINES), MOST_LINES)
    step = (bottom - top) / count
    lines = [top + (index + 0.5) * step for index in range(count)]
    spans = (span for found in union_by_line(outlines, lines) for span in found)
    return step * sum(end - start for start, end in spans)


def _hull(points: Sequence[Point]) -> list[Point]:
    """Corners of the convex hull in order (Andrew's monotone chain)."""
    ordered = sorted(set(points))
    if len(ordered) < 3:
        return ordered
    return _chain(ordered)[:-1] + _chain(ordered[::-1])[:-1]


def _chain(ordered: Sequence[Point]) -> list[Point]:
    chain: list[Point] = []
    for point in ordered:
        while len(chain) >= 2 and _turn(chain[-2], chain[-1], point) <= 0:
            chain.pop()
        chain.append(point)
    return chain


def _turn(origin: Point, first: Point, second: Point) -> float:
    """Twice the area of the triangle, positive where the way turns towards y."""
    return (first[0] - origin[0]) * (second[1] - origin[1]) - (first[1] - origin[1]) * (
        second[0] - origin[0]
    )
