"""What a package says about itself, as tables. Everything from a package is escaped."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

NOTHING = mark_safe("–")
LONGEST_LINE = 12


def as_table(value: Any) -> SafeString:  # a package's JSON
    """An object as a table of names and values; what lies deeper opens on a click."""
    return _pairs(value) if isinstance(value, Mapping) else _value(value)


def as_grid(rows: Sequence[Any]) -> SafeString:
    """Like objects as the rows of one table."""
    return _rows(rows)


def _value(value: Any) -> SafeString:
    """A cell; objects in it are folded up, because curves and settings run to many pages."""
    if isinstance(value, Mapping):
        return _folded(_pairs(value), len(value)) if value else NOTHING
    if isinstance(value, Sequence) and not isinstance(value, str):
        if any(isinstance(entry, Mapping) for entry in value) or len(value) > LONGEST_LINE:
            return _folded(_rows(value), len(value))
        return _rows(value)
    return _cell(value)


def _folded(content: SafeString, count: int) -> SafeString:
    word = "entry" if count == 1 else "entries"
    return format_html("<details><summary>{} {}</summary>{}</details>", count, word, content)


def _pairs(value: Mapping[str, Any]) -> SafeString:
    if not value:
        return NOTHING
    if _are_alike(list(value.values())):
        rows = [{"": words(key), **entry} for key, entry in value.items()]
        return _grid(rows)
    body = format_html_join(
        "",
        '<tr><th scope="row">{}</th><td>{}</td></tr>',
        ((words(key), _value(value[key])) for key in _in_order(value)),
    )
    return format_html("<table><tbody>{}</tbody></table>", body)


def _in_order(value: Mapping[str, Any]) -> list[str]:
    """Single figures first: PostgreSQL keeps a JSON object's fields by length, not by sense."""
    return sorted(value, key=lambda key: (isinstance(value[key], Mapping | list), key))


def _rows(value: Sequence[Any]) -> SafeString:
    if not value:
        return NOTHING
    if _are_alike(value):
        return _grid(value)
    return format_html_join(", ", "{}", ((_value(entry),) for entry in value))


def _are_alike(entries: Sequence[Any]) -> bool:
    """Whether they are objects of the same flat fields."""
    if len(entries) < 2 or not all(isinstance(entry, Mapping) for entry in entries):
        return False
    return len({tuple(entry) for entry in entries}) == 1


def _grid(rows: Sequence[Mapping[str, Any]]) -> SafeString:
    head = format_html_join("", '<th scope="col">{}</th>', ((words(key),) for key in rows[0]))
    body = format_html_join(
        "",
        "<tr>{}</tr>",
        (
            (format_html_join("", "<td>{}</td>", ((_value(cell),) for cell in row.values())),)
            for row in rows
        ),
    )
    return format_html("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>", head, body)


def _cell(value: Any) -> SafeString:
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return format_html("{}", "yes" if value else "no")
    if isinstance(value, float):
        return format_html("{}", f"{value:.4g}")
    return format_html("{}", value)


def words(key: str) -> str:
    """A field's name for people."""
    return key.replace("_", " ")
