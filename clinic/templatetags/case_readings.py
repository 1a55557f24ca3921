"""Signed readings and verdicts on the case page."""

from typing import NamedTuple

from django import template

from clinic.models import Read, Reading
from clinic.selectors.case_answers import standing

register = template.Library()


class Judged(NamedTuple):
    """Right, wrong, or neither, as it is shown."""

    word: str
    icon: str
    look: str


RIGHT = Judged("Right", "check-lg", "verdict-right")
WRONG = Judged("Wrong", "x-lg", "verdict-wrong")
OPEN = Judged("Cannot be judged", "dash-circle", "text-unknown")


@register.filter
def standing_reads(reading: Reading) -> list[Read]:
    """What counts within a reading, by lesion; its reads are loaded."""
    return standing(reading)


@register.filter
def judged(value: object) -> Judged:
    """Write True, False or None: `{% with shown=verdict.on_malignancy|judged %}`."""
    if value is None:
        return OPEN
    return RIGHT if value else WRONG
