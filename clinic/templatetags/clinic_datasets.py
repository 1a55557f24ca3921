"""The words of a manifest's columns."""

from collections.abc import Mapping

from django import template

from clinic.dataset_words import NBSP, SOURCES, SPLITS, ClassName, per_cent
from clinic.models import BodySite

register = template.Library()
SITES = dict(BodySite.choices)


@register.filter
def class_name(code: str, names: Mapping[str, ClassName]) -> str:
    """`mel` as people name it; a code that the taxonomy no longer has stays as it is."""
    return names[code].name if code in names else code


@register.filter
def source_name(source: str) -> str:
    """Where a label came from."""
    return next((name for known, name in SOURCES.items() if known == source), source)


@register.filter
def part_name(split: str) -> str:
    """Training, validation or test."""
    return SPLITS.get(split, split)


@register.filter
def site_name(site: str) -> str:
    """Where on the body."""
    return str(SITES.get(site, site))


@register.filter
def chosen_share(share: float) -> str:
    """A share that somebody chose: "20 %"."""
    return per_cent(share)


@register.filter
def portion(share: float) -> str:
    """Write a part of a whole: "12 %", "< 1 %" of what is there, "100 %" only of all."""
    if 0 < share < 0.01:
        return f"<{NBSP}1{NBSP}%"
    if 0.99 < share < 1:
        return f">{NBSP}99{NBSP}%"
    return f"{100 * share:.0f}{NBSP}%"


@register.filter
def percent_of(agreement: float, readers: int) -> str:
    """How many of the readers signed the class: "2 of 3"."""
    return f"{round(agreement * readers)} of {readers}"


@register.filter
def thousands(count: int) -> str:
    """Write a count as "12,345"."""
    return f"{count:,}"
