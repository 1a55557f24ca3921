"""Figures of monitoring in words, and a history as a small line."""

from collections.abc import Sequence

from django import template

register = template.Library()
NBSP = "\u00a0"
WIDTH, HEIGHT, EDGE = 120.0, 28.0, 3.0


@register.filter
def seconds(value: float) -> str:
    """Write "0.8 s", "12 s", "4 min" or "3 h"."""
    if value < 90:
        return f"{value:.1f}{NBSP}s" if value < 10 else f"{value:.0f}{NBSP}s"
    if value < 5400:
        return f"{value / 60:.0f}{NBSP}min"
    return f"{value / 3600:.0f}{NBSP}h"


@register.filter
def index(value: float) -> str:
    """Write a stability index."""
    return f"{value:.2f}"


@register.inclusion_tag("inference/monitoring/_sparkline.html")
def sparkline(values: Sequence[float | None]) -> dict[str, object]:
    """A line from 0 to the largest value; steps without one are left out, and break the line.

    It repeats what the table beside it says, so screen readers pass over it.
    """
    known = [value for value in values if value is not None]
    highest = max([*known, 0.0]) or 1.0
    step = (WIDTH - 2 * EDGE) / max(1, len(values) - 1)
    runs: list[list[str]] = [[]]
    last = None
    for number, value in enumerate(values):
        if value is None:
            runs.append([])
            continue
        x, y = EDGE + number * step, HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * value / highest
        last = {"x": f"{x:.1f}", "y": f"{y:.1f}"}
        runs[-1].append(f"{x:.1f},{y:.1f}")
    return {
        "lines": [" ".join(run) for run in runs if len(run) > 1],
        "points": [run[0].split(",") for run in runs if len(run) == 1],
        "last": last,
        "width": f"{WIDTH:.0f}",
        "height": f"{HEIGHT:.0f}",
    }
