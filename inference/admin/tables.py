"""What a package says about itself, as tables. Everything from a package is escaped."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

NOTHING = mark_safe("–")


def as_table(value: Any) -> SafeString:  # a package's JSON
    """Nested objects as nested tables; a list of like objects as one table with a head."""
    if isinstance(value, Mapping):
        return _pairs(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return _rows(value)
    return _cell(value)


def _pairs(value: Mapping[str, Any]) -> SafeString:
    if not value:
        return NOTHING
    if _are_alike(list(value.values())):
        rows = [{"": words(key), **entry} for key, entry in value.items()]
        return _grid(rows)
    body = format_html_join(
        "",
        '<tr><th scope="row">{}</th><td>{}</td></tr>',
        ((words(key), as_table(entry)) for key, entry in value.items()),
    )
    return format_html("<table><tbody>{}</tbody></table>", body)


def _rows(value: Sequence[Any]) -> SafeString:
    if not value:
        return NOTHING
    if _are_alike(value):
        return _grid(value)
    return format_html_join(", ", "{}", ((as_table(entry),) for entry in value))


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
            (format_html_join("", "<td>{}</td>", ((as_table(cell),) for cell in row.values())),)
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
