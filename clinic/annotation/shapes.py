"""What can be drawn: a rectangle, an ellipse (both may be turned) or a polygon.

Coordinates are px of the upright original, x to the right, y down, (0, 0) its top left corner: the
first pixel covers 0 to 1. `outline()` is the closed polygon that stands for the shape everywhere:
in the row, in masks and in measures.
"""

from dataclasses import dataclass
from math import acos, ceil, cos, hypot, pi, radians, sin

Point = tuple[float, float]
FLATNESS = 0.05
"""Px between an ellipse and the polygon that stands for it."""


@dataclass(frozen=True, slots=True)
class Rectangle:
    """`x`, `y` is the corner at the top left before the turn by `angle` degrees on its middle."""

    x: float
    y: float
    width: float
    height: float
    angle: float = 0.0

    def outline(self) -> list[Point]:
        """Its four corners."""
        left, top = self.x, self.y
        right, bottom = left + self.width, top + self.height
        corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
        middle = (left + self.width / 2, top + self.height / 2)
        return turned(corners, middle, self.angle)


@dataclass(frozen=True, slots=True)
class Ellipse:
    """Middle, half axes and a turn by `angle` degrees on the middle."""

    cx: float
    cy: float
    rx: float
    ry: float
    angle: float = 0.0

    def outline(self) -> list[Point]:
        """Enough points that the polygon is `FLATNESS` from the curve at most."""
        longest = max(self.rx, self.ry)
        half_step = acos(1 - FLATNESS / longest) if longest > FLATNESS else pi / 4
        steps = max(8, ceil(pi / half_step))
        angles = [2 * pi * step / steps for step in range(steps)]
        points = [(self.cx + self.rx * cos(a), self.cy + self.ry * sin(a)) for a in angles]
        return turned(points, (self.cx, self.cy), self.angle)


@dataclass(frozen=True, slots=True)
class Polygon:
    """Corners in order. The last is joined to the first; sides may cross."""

    points: tuple[Point, ...]

    def outline(self) -> list[Point]:
        """Its corners."""
        return list(self.points)


Shape = Rectangle | Ellipse | Polygon


def turned(points: list[Point], middle: Point, degrees: float) -> list[Point]:
    """The points after a turn, clockwise on the screen."""
    if not degrees:
        return points
    cosine, sine = cos(radians(degrees)), sin(radians(degrees))
    cx, cy = middle
    return [
        (cx + (x - cx) * cosine - (y - cy) * sine, cy + (x - cx) * sine + (y - cy) * cosine)
        for x, y in points
    ]


def has_area(points: list[Point], *, at_least: float = 1e-3) -> bool:
    """Whether the points do not all lie on one line (within `at_least` px)."""
    if len(points) < 3:
        return False
    x0, y0 = points[0]
    x1, y1 = max(points, key=lambda point: hypot(point[0] - x0, point[1] - y0))
    length = hypot(x1 - x0, y1 - y0)
    if length < at_least:
        return False
    return any(abs((x1 - x0) * (y - y0) - (y1 - y0) * (x - x0)) / length > at_least
               for x, y in points)  # fmt: skip
