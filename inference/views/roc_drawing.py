"""ROC curves as points of an SVG."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SIDE = 280.0
LEFT, TOP = 44.0, 8.0


@dataclass(frozen=True)
class Curve:
    """`points` of a polyline; `at` is the operating point's place."""

    points: str
    at: tuple[float, float] | None
    said: str


def curves_of(roc: Mapping[str, Any]) -> dict[str, Curve] | None:
    """Both models' curves; None where there is none to draw."""
    if not all(roc.get(name) for name in ("candidate", "champion")):
        return None
    return {name: _curve(roc[name]) for name in ("candidate", "champion")}


def _curve(curve: Mapping[str, Any]) -> Curve:
    pairs = zip(curve["false_positive_rate"], curve["sensitivity"], strict=True)
    points = " ".join("{},{}".format(*_place(x, y)) for x, y in pairs)
    point = curve["operating_point"]
    said = ""
    if point:
        said = f"{100 * point[1]:.1f} % found, {100 * point[0]:.1f} % false alarms"
    return Curve(points, _place(*point) if point else None, said)


def _place(x: float, y: float) -> tuple[float, float]:
    return round(LEFT + SIDE * x, 1), round(TOP + SIDE * (1 - y), 1)
