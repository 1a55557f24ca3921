"""How times, per cents, sizes, people and meanings are written on every page."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django import template
from django.forms import BoundField, Select, SelectMultiple
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

# Between a number and its unit: they stay on one line.
NBSP = "\u00a0"


class Meaning(NamedTuple):
    """One of the four things a diagnosis can mean, as it is shown."""

    key: str
    word: str
    icon: str


MEANINGS = {
    "benign": Meaning("benign", "Benign", "check-circle-fill"),
    "indeterminate": Meaning("indeterminate", "Indeterminate", "diamond-half"),
    "malignant": Meaning("malignant", "Malignant", "exclamation-triangle-fill"),
    "unknown": Meaning("unknown", "Unknown", "question-circle"),
}


@register.filter
def known_meaning(value: object) -> Meaning:
    """Look a malignancy up; anything else, None included, is unknown."""
    return MEANINGS.get(str(value).lower(), MEANINGS["unknown"])


@register.inclusion_tag("components/meaning.html")
def meaning(value: object) -> dict[str, object]:
    """Write a badge of icon and word: `{% meaning diagnosis.malignancy %}`."""
    return {"meaning": value}


@register.simple_tag
def meanings_of(rows: Iterable[Any]) -> list[Meaning]:
    """List the meanings that occur in the rows of a bar chart, in their fixed order."""
    values = (
        row.get("malignancy") if isinstance(row, dict) else getattr(row, "malignancy", None)
        for row in rows
    )
    present = {known_meaning(value).key for value in values}
    return [shown for shown in MEANINGS.values() if shown.key in present]


@register.filter
def percent(value: float | None) -> str:
    """Write a probability (0 to 1) as a whole per cent, never more certain than the model is."""
    if value is None or value == "":
        return "unknown"
    share = float(value) * 100
    if share < 1:
        return f"<{NBSP}1{NBSP}%"
    if share > 99:
        return f">{NBSP}99{NBSP}%"
    return f"{share:.0f}{NBSP}%"


@register.filter
def bar_width(value: float | None) -> str:
    """Give the width of a bar for a probability (0 to 1), as an SVG length: `37.4%`."""
    share = float(value or 0) * 100
    return f"{min(max(share, 0), 100):.1f}%"


@register.filter
def size(value: float | None) -> str:
    """Write a number of bytes with its unit (1 MB is 10^6 bytes)."""
    amount = float(value or 0)
    for unit in ("B", "kB", "MB"):
        if amount < 999.5:
            return _with_unit(amount, unit)
        amount /= 1000
    return _with_unit(amount, "GB")


def _with_unit(amount: float, unit: str) -> str:
    digits = 1 if unit != "B" and amount < 9.95 else 0
    return f"{amount:.{digits}f}{NBSP}{unit}"


@register.filter
def ago(value: datetime | date | None, now: datetime | None = None) -> str:
    """Write how long ago something was: "12 min ago"; after a week, the date."""
    if value is None:
        return ""
    now = now or timezone.now()
    if not isinstance(value, datetime):
        return date_format(value, "j M Y")
    passed = now - value
    if passed < timedelta():
        return (
            date_format(timezone.localtime(value), "j M Y, H:i")
            if passed < -timedelta(minutes=1)
            else "just now"
        )
    if passed >= timedelta(days=7):
        return date_format(timezone.localtime(value), "j M Y")
    return f"{_span(passed)} ago" if passed >= timedelta(minutes=1) else "just now"


@register.filter
def waiting(value: datetime | None, now: datetime | None = None) -> str:
    """Write how long something has waited: "3 h"."""
    if value is None:
        return ""
    return _span(max((now or timezone.now()) - value, timedelta()))


def _span(passed: timedelta) -> str:
    minutes = int(passed.total_seconds() // 60)
    if minutes < 60:
        return f"{minutes}{NBSP}min"
    if minutes < 24 * 60:
        return f"{minutes // 60}{NBSP}h"
    days = minutes // (24 * 60)
    return f"{days}{NBSP}day{'s' if days > 1 else ''}"


@register.simple_tag
def time_ago(value: datetime | date | None) -> str | SafeString:
    """Write a `<time>` with the exact time on hover and for machines: `{% time_ago case.at %}`."""
    if value is None:
        return ""
    local: date = value
    if isinstance(value, datetime):
        local = timezone.localtime(value) if timezone.is_aware(value) else value
        exact = date_format(local, "l j F Y, H:i")
    else:
        exact = date_format(value, "l j F Y")
    return format_html(
        '<time class="number" datetime="{}" title="{}">{}</time>',
        local.isoformat(),
        exact,
        ago(value),
    )


@register.filter
def person_name(person: Any) -> str:
    """Name a person as the page does: the full name, or the address where there is none."""
    full_name = person.get_full_name() if hasattr(person, "get_full_name") else ""
    return full_name or getattr(person, "email", "") or str(person)


@register.filter
def initials(person: Any) -> str:
    """Give one or two letters that stand for a person."""
    words = person_name(person).split("@")[0].replace(".", " ").split()
    letters = [word[0] for word in words if word[0].isalnum()]
    return "".join(letters[:1] + letters[1:][-1:]).upper() or "?"


@register.filter
def control(field: BoundField) -> SafeString:
    """Render a bound field's widget with Bootstrap's class, keeping the classes it has.

    A placeholder that repeats the label goes: it would be read twice.
    """
    widget = field.field.widget
    own = "form-select" if isinstance(widget, Select | SelectMultiple) else "form-control"
    classes = f"{widget.attrs.get('class', '')} {own}".strip()
    attrs: dict[str, str | bool] = {"class": classes}
    if widget.attrs.get("placeholder") == field.label:
        attrs["placeholder"] = ""
    return field.as_widget(attrs=attrs)
