"""Path data (SVG 1.1, section 8.3): straight lines and Bézier curves of one closed outline."""

import re
from itertools import pairwise

from clinic.annotation.numbers import NUMBER, read_numbers
from clinic.annotation.refusals import RegionRefused

Point = tuple[float, float]
# How many numbers one segment of a command takes.
ARGUMENTS = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "Q": 4, "Z": 0}
CURVE_STEPS = 16
"""Straight pieces a curve becomes."""
_COMMAND = re.compile(rf"[ \t\r\n,]*([A-Za-z])((?:[ \t\r\n,]*+{NUMBER})*+)[ \t\r\n]*")


def read_path(data: str, *, at_most: int) -> list[Point]:
    """The outline's points. Raises RegionRefused for a second outline, for arcs and smooth curves.

    `at_most` is of points, those that curves become among them.
    """
    points: list[Point] = []
    place, closed = 0, False
    while place < len(data):
        found = _COMMAND.match(data, place)
        if found is None:
            raise _unreadable()
        if closed:
            raise _several()
        place, letter = found.end(), found[1]
        command = letter.upper()
        if command not in ARGUMENTS:
            msg = "Only straight lines and Bézier curves can be an outline. Draw it as a polygon."
            raise RegionRefused("shape", msg)
        numbers = read_numbers(found[2], at_most=at_most * 6)
        if command == "Z":
            closed = True
        _check_count(command, len(numbers), has_start=bool(points))
        _follow(points, command, numbers, relative=letter.islower())
        if len(points) > at_most:
            raise RegionRefused("size", "This outline has too many points. Draw a simpler one.")
    return points


def _check_count(command: str, count: int, *, has_start: bool) -> None:
    needed = ARGUMENTS[command]
    if (command == "M") == has_start:
        # A path starts with one M. A second one would start a second outline.
        if command == "M":
            raise _several()
        raise _unreadable()
    if (count != 0) if needed == 0 else (count == 0 or count % needed):
        raise _unreadable()


def _follow(points: list[Point], command: str, numbers: list[float], *, relative: bool) -> None:
    size = ARGUMENTS[command]
    for start in range(0, len(numbers), size or 1):
        here = points[-1] if points else (0.0, 0.0)
        dx, dy = here if relative else (0.0, 0.0)
        given = numbers[start : start + size]
        if command == "H":
            points.append((given[0] + dx, here[1]))
        elif command == "V":
            points.append((here[0], given[0] + dy))
        else:
            pairs = list(zip(given[::2], given[1::2], strict=True))
            stops = [(x + dx, y + dy) for x, y in pairs]
            points += _curve([here, *stops]) if len(stops) > 1 else stops


def _curve(control: list[Point]) -> list[Point]:
    """Points on a Bézier curve after its first (de Casteljau, any degree)."""
    on_curve = []
    for step in range(1, CURVE_STEPS + 1):
        t, left = step / CURVE_STEPS, control
        while len(left) > 1:
            left = [
                (x0 + (x1 - x0) * t, y0 + (y1 - y0) * t) for (x0, y0), (x1, y1) in pairwise(left)
            ]
        on_curve.append(left[0])
    return on_curve


def _unreadable() -> RegionRefused:
    return RegionRefused("svg", "This outline is not a drawing that can be read. Draw it again.")


def _several() -> RegionRefused:
    msg = "This annotation has several regions. Draw each as an annotation of its own."
    return RegionRefused("shape", msg)
