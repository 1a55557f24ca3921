"""How criteria and their scores are written."""

from typing import Any, NamedTuple

from django import template

from clinic.criteria import Criteria, WrongCriteria, abcd, seven_point

register = template.Library()


class Line(NamedTuple):
    """One rule of a read: what it came to, and what was seen."""

    score: str
    seen: str


@register.filter
def criteria_words(value: Any) -> list[Line]:
    """`{% for line in read.criteria|criteria_words %}`: one line for each rule that was used.

    What is signed stays readable for ever, so a value that this version cannot read says so
    instead of breaking the page.
    """
    try:
        sheet = Criteria.from_json(value or {})
    except WrongCriteria:
        return [Line("Criteria are recorded in a way that this page cannot show", "")]
    lines = []
    if (checklist := sheet.seven_point) is not None:
        seen = [seven_point.LABELS[name] for name in checklist.present]
        lines.append(Line(checklist.words(), _list(seen) if seen else "none of the seven"))
    if (rule := sheet.abcd) is not None:
        lines.append(Line(rule.words(), _abcd_seen(rule)))
    return lines


def _abcd_seen(rule: abcd.ABCD) -> str:
    colours = [abcd.COLOURS[name] for name in rule.colours]
    structures = [abcd.STRUCTURES[name] for name in rule.structures]
    parts = [
        "" if rule.asymmetry is None else f"asymmetry {rule.asymmetry}",
        "" if rule.border is None else f"border {rule.border}",
        f"colours {_list(colours)}" if colours else "",
        f"structures {_list(structures)}" if structures else "",
    ]
    return "; ".join(part for part in parts if part)


def _list(names: list[str]) -> str:
    return ", ".join(name[:1].lower() + name[1:] for name in names)


@register.filter
def criteria_short(sheet: Criteria) -> str:
    """The scores alone, beside the folded form: "7-point 4 · ABCD 5.1"."""
    scores = []
    if sheet.seven_point is not None:
        scores.append(f"7-point {sheet.seven_point.score}")
    if sheet.abcd is not None and sheet.abcd.tds is not None:
        scores.append(f"ABCD {sheet.abcd.tds:.1f}")
    return " · ".join(scores)


@register.filter
def points(table: dict[str, int], name: str) -> int | None:
    """`{{ form.weights|points:choice.data.value }}`, or None."""
    return table.get(name)


@register.simple_tag
def seven_point_rule() -> dict[str, int]:
    """The highest scores and the thresholds of the checklist."""
    return {
        "highest": seven_point.HIGHEST,
        "highest_revised": seven_point.HIGHEST_REVISED,
        "threshold": seven_point.THRESHOLD,
        "revised_threshold": seven_point.REVISED_THRESHOLD,
    }


@register.simple_tag
def abcd_rule() -> dict[str, int]:
    """Where the bands of the score begin, in tenths."""
    return {
        "suspicious_tenths": abcd.SUSPICIOUS_TENTHS,
        "highly_suspicious_tenths": abcd.HIGHLY_SUSPICIOUS_TENTHS,
    }
