"""From the target that a browser sends to a region on one image.

W3C Web Annotation Data Model (2017), sections 4.2.1 (FragmentSelector, media fragments in pixels)
and 4.2.7 (SvgSelector). The selector that is kept is written anew from the numbers.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import dist
from typing import Any

from clinic.annotation.markup import SVG_NAMESPACE, Element, read_shape
from clinic.annotation.numbers import DECIMALS, read_number, read_numbers
from clinic.annotation.path import read_path
from clinic.annotation.refusals import RegionRefused
from clinic.annotation.shapes import Ellipse, Point, Polygon, Rectangle, Shape, has_area

MOST_POINTS = 20_000
TOLERANCE = 1.0
"""Px that an outline may reach over the edge; it is moved back onto it."""
LONGEST_OUTLINE = 100
"""Times width + height: more than any hand draws, and what bounds the work of a mask."""
MEDIA_FRAGMENTS = "http://www.w3.org/TR/media-frags/"
UNREADABLE = "This annotation has no region that can be read. Draw it again."

_TURN = re.compile(r"rotate\(([^()]{1,100})\)")


@dataclass(frozen=True, slots=True)
class Region:
    """`selector` is W3C JSON, `points` the same region as a closed polygon in px."""

    selector: dict[str, str]
    points: list[Point]


def read_target(target: Any, *, width: int, height: int) -> Region:
    """The region of a W3C target on an image of this size. Raises RegionRefused.

    Everything beside the selector is dropped: the server knows which image is meant.
    """
    selector = _only(_only(target).get("selector"))
    value = selector.get("value")
    if not isinstance(value, str) or "refinedBy" in selector:
        raise RegionRefused("selector", UNREADABLE)
    shape: Shape
    if selector.get("type") == "FragmentSelector":
        shape = read_fragment(value)
    elif selector.get("type") == "SvgSelector":
        shape = read_svg(value)
    else:
        raise RegionRefused("selector", UNREADABLE)
    shape = _inside(shape, width, height)
    points = [_rounded(_on_image(point, width, height)) for point in shape.outline()]
    if not has_area(points):
        raise RegionRefused("empty", "This annotation has no area. Draw a region.")
    if _length(points) > LONGEST_OUTLINE * (width + height):
        raise RegionRefused("size", "This outline is too tangled. Draw a simpler one.")
    return Region(selector=write_selector(shape), points=points)


def read_fragment(value: str) -> Rectangle:
    """`xywh=pixel:x,y,width,height`. Per cents are refused: they name no pixel."""
    prefix, _, rest = value.partition("xywh=pixel:")
    numbers = rest.split(",")
    if prefix or len(numbers) != 4:
        raise RegionRefused("fragment", "A rectangle is “xywh=pixel:x,y,width,height”.")
    x, y, width, height = map(read_number, numbers)
    return Rectangle(x, y, *_positive(width, height))


def read_svg(value: str) -> Shape:
    """The one shape of an `<svg>`."""
    element = read_shape(value)
    match element.name:
        case "rect":
            *given, corner_x, corner_y, turn = element.take(
                "x", "y", "width", "height", "rx", "ry", "transform"
            )
            if corner_x or corner_y:
                raise RegionRefused("shape", "A rectangle cannot have round corners.")
            x, y, width, height = map(_number_or_zero, given)
            width, height = _positive(width, height)
            middle = (x + width / 2, y + height / 2)
            return Rectangle(x, y, width, height, _turn(turn, middle))
        case "circle":
            cx, cy, r = map(_number_or_zero, element.take("cx", "cy", "r"))
            return Ellipse(cx, cy, *_positive(r, r))
        case "ellipse":
            *given, turn = element.take("cx", "cy", "rx", "ry", "transform")
            cx, cy, rx, ry = map(_number_or_zero, given)
            return Ellipse(cx, cy, *_positive(rx, ry), _turn(turn, (cx, cy)))
        case "path":
            (data,) = element.take("d")
            return Polygon(tuple(read_path(data or "", at_most=MOST_POINTS)))
    return _polygon(element)


def write_selector(shape: Shape) -> dict[str, str]:
    """The W3C selector of a shape, always spelt the same way."""
    if isinstance(shape, Rectangle) and not shape.angle:
        numbers = (shape.x, shape.y, shape.width, shape.height)
        value = f"xywh=pixel:{','.join(map(_text, numbers))}"
        return {"type": "FragmentSelector", "conformsTo": MEDIA_FRAGMENTS, "value": value}
    value = f'<svg xmlns="{SVG_NAMESPACE}">{_drawn(shape)}</svg>'
    return {"type": "SvgSelector", "value": value}


def _drawn(shape: Shape) -> str:
    match shape:
        case Rectangle(x, y, width, height, angle):
            middle = f"{_text(x + width / 2)} {_text(y + height / 2)}"
            return (
                f'<rect x="{_text(x)}" y="{_text(y)}" width="{_text(width)}" '
                f'height="{_text(height)}" transform="rotate({_text(angle)} {middle})" />'
            )
        case Ellipse(cx, cy, rx, ry, angle):
            turn = f' transform="rotate({_text(angle)} {_text(cx)} {_text(cy)})"' if angle else ""
            return (
                f'<ellipse cx="{_text(cx)}" cy="{_text(cy)}" rx="{_text(rx)}" '
                f'ry="{_text(ry)}"{turn} />'
            )
        case Polygon(points):
            pairs = " ".join(f"{_text(x)},{_text(y)}" for x, y in points)
            return f'<polygon points="{pairs}" />'


def _polygon(element: Element) -> Polygon:
    (text,) = element.take("points")
    numbers = read_numbers(text or "", at_most=2 * MOST_POINTS)
    if len(numbers) % 2:
        raise RegionRefused("number", "A point of this outline lacks a coordinate. Draw it again.")
    return Polygon(tuple(zip(numbers[::2], numbers[1::2], strict=True)))


def _inside(shape: Shape, width: int, height: int) -> Shape:
    """The shape moved onto the image where it reaches over the edge by no more than a pixel."""
    if isinstance(shape, Polygon):
        shape = _without_repeats(shape)
    outline = _extremes(shape)
    outside = max((_beyond(point, width, height) for point in outline), default=0.0)
    if outside > TOLERANCE:
        msg = f"This annotation lies outside the image ({width} × {height} pixels)."
        raise RegionRefused("outside", msg)
    if outside <= 0:
        return shape
    points = [_rounded(_on_image(point, width, height)) for point in outline]
    if isinstance(shape, Polygon) or shape.angle:
        return _without_repeats(Polygon(tuple(points)))
    (left, top), (right, bottom) = points
    if isinstance(shape, Rectangle):
        return Rectangle(left, top, *_rounded((right - left, bottom - top)))
    middle = _rounded(((left + right) / 2, (top + bottom) / 2))
    return Ellipse(*middle, *_rounded(((right - left) / 2, (bottom - top) / 2)))


def _extremes(shape: Shape) -> list[Point]:
    """The outline, or the two corners of the box where the shape stands upright in it."""
    match shape:
        case Rectangle(x, y, width, height, 0.0):
            return [(x, y), (x + width, y + height)]
        case Ellipse(cx, cy, rx, ry, 0.0):
            return [(cx - rx, cy - ry), (cx + rx, cy + ry)]
    return shape.outline()


def _without_repeats(polygon: Polygon) -> Polygon:
    """No corner twice in a row, nor the first again at the end."""
    points: list[Point] = []
    for point in polygon.points:
        if not points or point != points[-1]:
            points.append(point)
    while len(points) > 1 and points[-1] == points[0]:
        points.pop()
    return Polygon(tuple(points))


def _length(points: list[Point]) -> float:
    return sum(dist(point, points[index - 1]) for index, point in enumerate(points))


def _on_image(point: Point, width: int, height: int) -> Point:
    x, y = point
    return min(max(x, 0.0), float(width)), min(max(y, 0.0), float(height))


def _beyond(point: Point, width: int, height: int) -> float:
    x, y = point
    return max(-x, x - width, -y, y - height)


def _only(part: Any) -> Mapping[str, Any]:
    """The part itself, or the one that a list holds: W3C allows both."""
    if isinstance(part, list) and len(part) == 1:
        part = part[0]
    if not isinstance(part, Mapping):
        raise RegionRefused("target", UNREADABLE)
    return part


def _turn(text: str | None, middle: Point) -> float:
    """Degrees of `rotate(a x y)` on the shape's own middle, -180 to 180."""
    if text is None:
        return 0.0
    found = _TURN.fullmatch(text.strip())
    numbers = read_numbers(found[1], at_most=3) if found else []
    if len(numbers) != 3 or any(
        abs(given - own) > 0.01 for given, own in zip(numbers[1:], middle, strict=True)
    ):
        raise RegionRefused("svg", "A shape can only be turned about its middle. Draw it again.")
    return round((numbers[0] + 180) % 360 - 180, DECIMALS) + 0.0


def _number_or_zero(text: str | None) -> float:
    return 0.0 if text is None else read_number(text)


def _positive(width: float, height: float) -> tuple[float, float]:
    if width <= 0 or height <= 0:
        raise RegionRefused("empty", "This annotation has no area. Draw a region.")
    return width, height


def _rounded(point: Point) -> Point:
    x, y = point
    return round(x, DECIMALS) + 0.0, round(y, DECIMALS) + 0.0


def _text(number: float) -> str:
    """As short as it can be, never with an exponent."""
    return f"{number:.{DECIMALS}f}".rstrip("0").rstrip(".")
