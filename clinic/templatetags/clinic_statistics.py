"""Figures of statistics in words."""

from django import template

from clinic.statistics.figures import Figure
from clinic.statistics.intervals import Estimate

register = template.Library()
NBSP = "\u00a0"


@register.filter
def share(value: float) -> str:
    """Write what was counted as a whole per cent; unlike a probability it may be 0 or 100 %."""
    return f"{100 * value:.0f}{NBSP}%"


@register.filter
def duration(seconds: float) -> str:
    """Write seconds as "48 s", "2 min 10 s" or "1 h 5 min"."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole}{NBSP}s"
    if whole < 3600:
        return f"{whole // 60}{NBSP}min{NBSP}{whole % 60}{NBSP}s"
    return f"{whole // 3600}{NBSP}h{NBSP}{whole % 3600 // 60}{NBSP}min"


@register.inclusion_tag("clinic/statistics/_figure.html")
def figure(value: Figure, kind: str) -> dict[str, object]:
    """One cell of a table: `kind` is kappa, proportion (with hits) or accuracy."""
    written = _written(value.estimate, kind) if value.estimate else None
    return {"figure": value, "kind": kind, "written": written}


def _written(estimate: Estimate, kind: str) -> dict[str, str]:
    """The value and its interval, as people write them."""
    if kind == "kappa":
        numbers = [f"{number:.2f}".replace("-", "−") for number in
                   (estimate.value, estimate.low, estimate.high)]  # fmt: skip
        return dict(zip(("value", "low", "high"), numbers, strict=True))
    return {
        "value": share(estimate.value),
        "low": f"{100 * estimate.low:.0f}",
        "high": share(estimate.high),
    }
