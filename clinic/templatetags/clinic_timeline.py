"""How intervals and changes in size are written."""

from calendar import monthrange
from datetime import date, datetime

from django import template
from django.utils import timezone

from clinic.selectors.lesion_sizes import SizeRow

register = template.Library()

NBSP = "\u00a0"
MINUS = "\u2212"
NOT_OUTLINED = "Not outlined"


@register.simple_tag
def interval(earlier: datetime, later: datetime) -> str:
    """From one visit to the next: "the same day", "9 days", "8 months", "2 years 3 months"."""
    start, end = (timezone.localtime(at).date() for at in (earlier, later))
    days = (end - start).days
    if days < 1:
        return "the same day"
    if days < 14:
        return _counted(days, "day")
    months = _whole_months(start, end)
    if months < 2:
        return _counted(days // 7, "week")
    years, left = divmod(months, 12)
    if years < 2:
        return _counted(months, "month")
    return _counted(years, "year") + (f" {_counted(left, 'month')}" if left else "")


@register.filter
def earlier_size(row: SizeRow) -> str:
    """The measure at the earlier visit: "12.4 mm²"."""
    return _size(row.left, row.unit)


@register.filter
def later_size(row: SizeRow) -> str:
    """The measure at the later visit."""
    return _size(row.right, row.unit)


@register.filter
def size_change(row: SizeRow) -> str:
    """What became of it: "+2.3 mm² (+23 %)"; nothing where one visit is not outlined."""
    if row.change is None:
        return ""
    if not float(_number(row.change)):
        return "No change"
    unit = "points" if row.unit == "%" else row.unit
    words = f"{_signed(_number(row.change))}{NBSP}{unit}"
    if row.change_percent is None or not round(row.change_percent):
        return words
    return f"{words} ({_signed(f'{row.change_percent:.0f}')}{NBSP}%)"


def _size(value: float | None, unit: str) -> str:
    return NOT_OUTLINED if value is None else f"{_number(value)}{NBSP}{unit}"


def _number(value: float) -> str:
    """Three figures at most: an outline by hand is no more exact than that."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.1f}"


def _signed(number: str) -> str:
    return number.replace("-", MINUS) if number.startswith("-") else f"+{number}"


def _counted(number: int, unit: str) -> str:
    return f"{number}{NBSP}{unit}{'' if number == 1 else 's'}"


def _whole_months(start: date, end: date) -> int:
    """Months that have passed; the 31st counts as the last day of a shorter month."""
    months = 12 * (end.year - start.year) + end.month - start.month
    last = monthrange(end.year, end.month)[1]
    return months - (end.day < min(start.day, last))
