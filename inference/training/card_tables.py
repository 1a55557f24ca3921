"""Markdown tables of figures, as a model card shows them."""

from collections.abc import Mapping, Sequence
from typing import Any


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def number(value: float | None) -> str:
    """Three decimals, a whole number as it is, a dash for what is not defined."""
    if value is None:
        return "–"
    return str(value) if isinstance(value, int) else f"{value:.3f}"


def with_interval(figures: Mapping[str, Any], key: str) -> str:
    """A figure and, where there is one, its 95 % interval."""
    bounds = figures.get(f"{key}_interval")
    extent = f" ({bounds[0]:.3f} to {bounds[1]:.3f})" if bounds else ""
    return f"{number(figures.get(key))}{extent}"
