"""Differences with their intervals as lines on a common scale, for an SVG without a script."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

WIDTH = 200.0
MIDDLE = WIDTH / 2
EDGE = 6.0  # so that the outermost mark is drawn whole


@dataclass(frozen=True)
class Line:
    """Places from 0 to `WIDTH`; `margin` is where the candidate may not reach, if anywhere."""

    low: float
    high: float
    value: float
    margin: float | None

    @property
    def length(self) -> float:
        """Of the interval."""
        return max(round(self.high - self.low, 1), 1.0)


class Scale:
    """From the differences of a table to places; the same for all of its rows."""

    def __init__(self, figures: Iterable[Mapping[str, Any]]) -> None:
        ends = [0.01]
        for figure in figures:
            ends += [abs(end) for end in figure.get("difference_interval") or []]
            ends += [abs(figure[key]) for key in ("difference", "margin") if figure.get(key)]
        # Whole points, so that the scale can be said in words.
        self.limit = ceil(100 * max(ends)) / 100

    @property
    def words(self) -> str:
        """What the edges stand for."""
        return f"{100 * self.limit:.0f}"

    def line(self, figure: Mapping[str, Any]) -> Line | None:
        """None where there is no difference to draw."""
        interval = figure.get("difference_interval")
        if figure.get("difference") is None or interval is None:
            return None
        margin = figure.get("margin")
        return Line(
            low=self._place(interval[0]),
            high=self._place(interval[1]),
            value=self._place(figure["difference"]),
            margin=self._place(-margin) if margin else None,
        )

    def _place(self, share: float) -> float:
        return round(MIDDLE + (MIDDLE - EDGE) * share / self.limit, 1)
