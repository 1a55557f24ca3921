"""Numbers in a selector: as JavaScript writes them, and nothing else."""

import re
from collections.abc import Iterator

from clinic.annotation.refusals import RegionRefused

LARGEST = 1_000_000
"""Px. No picture that the guard lets in is a tenth as wide."""
LONGEST = 32
"""Characters of one number. JavaScript writes at most 24."""
DECIMALS = 3
"""Kept of every coordinate: a thousandth of a pixel."""

NUMBER = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?"
_NUMBER = re.compile(NUMBER)
# SVG 1.1, section 8.3.9: numbers are parted by white space, by one comma, or by a sign.
_GAP = re.compile(r"[ \t\r\n]*,?[ \t\r\n]*")
NOT_A_NUMBER = "A coordinate of this outline is not a number. Draw it again."


def read_number(text: str) -> float:
    """The number that `text` is, to `DECIMALS` places. Raises RegionRefused for anything else.

    `nan`, `inf`, `0x10`, `1_000` and the digits of other scripts are no numbers here, although
    Python's `float` takes some of them.
    """
    text = text.strip(" \t\r\n")
    if len(text) > LONGEST or not _NUMBER.fullmatch(text):
        raise RegionRefused("number", NOT_A_NUMBER)
    return _checked(text)


def read_numbers(text: str, *, at_most: int) -> list[float]:
    """All numbers of a list such as `points="1,2 3,4"`."""
    return list(_numbers(text, at_most))


def _numbers(text: str, at_most: int) -> Iterator[float]:
    place, count, text = 0, 0, text.strip(" \t\r\n")
    while place < len(text):
        found = _NUMBER.match(text, place)
        if found is None or found.end() - place > LONGEST:
            raise RegionRefused("number", NOT_A_NUMBER)
        count += 1
        if count > at_most:
            raise RegionRefused("size", "This outline has too many points. Draw a simpler one.")
        yield _checked(found[0])
        gap = _GAP.match(text, found.end())
        place = gap.end() if gap else found.end()
        if place == len(text) and "," in text[found.end() :]:
            raise RegionRefused("number", NOT_A_NUMBER)  # a comma after the last number


def _checked(text: str) -> float:
    value = float(text)  # "1e999" is infinite
    if not -LARGEST <= value <= LARGEST:
        raise RegionRefused("number", NOT_A_NUMBER)
    return round(value, DECIMALS) + 0.0  # no -0.0
