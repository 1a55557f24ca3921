"""Typed reading of a JSON object: each getter checks one field or says what is wrong with it."""

import math
import re
from collections.abc import Mapping
from typing import Any

UNSTORABLE = re.compile("[\\x00\\ud800-\\udfff]")


class PackageError(Exception):
    """The package cannot be used; carries one sentence saying what is wrong with it."""


class Fields:
    """The fields of one JSON object, with its place in the document for the messages."""

    def __init__(self, value: object, place: str) -> None:
        if not isinstance(value, dict):
            raise PackageError(f"In the package's metadata, {place} must be an object.")
        self._values: Mapping[str, Any] = value
        self._place = place

    def __contains__(self, key: str) -> bool:
        return self._values.get(key) is not None

    def text(self, key: str, *, longest: int = 4000) -> str:
        value = self._values.get(key)
        if not isinstance(value, str) or not value.strip() or len(value) > longest:
            raise self._wrong(key, f"a text of at most {longest} characters")
        return value

    def choice(self, key: str, choices: frozenset[str]) -> str:
        value = self._values.get(key)
        if not isinstance(value, str) or value not in choices:
            raise self._wrong(key, f"one of {', '.join(sorted(choices))}")
        return value

    def flag(self, key: str) -> bool:
        value = self._values.get(key)
        if not isinstance(value, bool):
            raise self._wrong(key, "true or false")
        return value

    def whole(self, key: str, low: int, high: int) -> int:
        value = self._values.get(key)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise self._wrong(key, f"a whole number from {low} to {high}")
        return value

    def number(self, key: str, low: float, high: float) -> float:
        return self._number(key, self._values.get(key), low, high)

    def numbers(self, key: str, count: int, low: float, high: float) -> tuple[float, ...]:
        values = self._values.get(key)
        if not isinstance(values, list) or len(values) != count:
            raise self._wrong(key, f"a list of {count} numbers")
        return tuple(self._number(key, value, low, high) for value in values)

    def nested(self, key: str) -> "Fields":
        return Fields(self._values.get(key), self._inside(key))

    def nested_list(self, key: str) -> list["Fields"]:
        values = self._values.get(key)
        if not isinstance(values, list):
            raise self._wrong(key, "a list")
        return [Fields(value, f"{self._inside(key)}[{i}]") for i, value in enumerate(values)]

    def raw(self) -> dict[str, Any]:
        """The object itself, for fields that are shown but not used."""
        return dict(self._values)

    def _number(self, key: str, value: Any, low: float, high: float) -> float:
        if (
            not isinstance(value, int | float)
            or isinstance(value, bool)
            # False for NaN; and an integer may be too large to become a float.
            or not low <= value <= high
        ):
            raise self._wrong(key, f"a number from {low:g} to {high:g}")
        return float(value)

    def _inside(self, key: str) -> str:
        return f"{self._place}.{key}" if self._place != "metadata.json" else key

    def _wrong(self, key: str, expected: str) -> PackageError:
        place = self._inside(key)
        shown = place[:100] if place.isprintable() else ascii(place[:100])
        return PackageError(f"In the package's metadata, {shown} must be {expected}.")


def refuse_unstorable(document: object, place: str) -> None:
    """Raise PackageError for what JSON may hold and a database may not, wherever it stands.

    That is NaN and infinity, the character NUL, and halves of surrogate pairs.
    """
    waiting = [document]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting.extend((*value.keys(), *value.values()))
        elif isinstance(value, list):
            waiting.extend(value)
        elif isinstance(value, str):
            if UNSTORABLE.search(value):
                raise PackageError(f"In the package's {place} are characters that are no text.")
        elif isinstance(value, float) and not math.isfinite(value):
            raise PackageError(f"In the package's {place} is a number that is not finite.")
