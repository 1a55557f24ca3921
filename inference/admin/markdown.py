"""A model card's Markdown as HTML: headings, paragraphs, lists, tables, bold and code.

Small on purpose. A card comes out of an uploaded package, so everything is escaped first and only
these few marks become elements: no links, no images, no HTML.
"""

import re
from collections.abc import Iterator

from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

_TABLE_RULE = re.compile(r"\|?[\s:|-]+\|[\s:|-]*")
_HEADING = re.compile(r"(#{1,6})\s+(.*)")
_ITEM = re.compile(r"(?:[-*]|\d+\.)\s+(.*)")


def render_markdown(text: str) -> SafeString:
    """Safe HTML of the text."""
    return mark_safe("\n".join(_blocks(text.replace("\r\n", "\n").split("\n"))))  # noqa: S308


def _blocks(lines: list[str]) -> Iterator[str]:
    position = 0
    while position < len(lines):
        line = lines[position]
        end = position + 1
        if not line.strip():
            pass
        elif heading := _HEADING.fullmatch(line.strip()):
            # The page has an h1 and the section an h2.
            level = min(len(heading[1]) + 2, 6)
            yield f"<h{level}>{_inline(heading[2])}</h{level}>"
        elif line.lstrip().startswith("|"):
            end = _end_of(lines, position, lambda row: row.lstrip().startswith("|"))
            yield _table(lines[position:end])
        elif _ITEM.match(line.strip()):
            end = _end_of(lines, position, lambda row: bool(row.strip()))
            yield _list(lines[position:end])
        else:
            end = _end_of(lines, position, _is_plain)
            yield f"<p>{_inline(' '.join(lines[position:end]))}</p>"
        position = end


def _end_of(lines: list[str], start: int, belongs: object) -> int:
    end = start + 1
    while end < len(lines) and belongs(lines[end]):  # type: ignore[operator]
        end += 1
    return end


def _is_plain(line: str) -> bool:
    text = line.strip()
    return bool(text) and not (
        text.startswith("|") or _HEADING.fullmatch(text) or _ITEM.match(text)
    )


def _list(lines: list[str]) -> str:
    items: list[str] = []
    for line in lines:
        item = _ITEM.match(line.strip())
        if item:
            items.append(item[1])
        else:
            items[-1] += f" {line.strip()}"
    return format_html(
        "<ul>{}</ul>", format_html_join("", "<li>{}</li>", ([_inline(i)] for i in items))
    )


def _table(lines: list[str]) -> str:
    rows = [
        [cell.strip() for cell in line.strip().strip("|").split("|")]
        for line in lines
        if not _TABLE_RULE.fullmatch(line.strip())
    ]
    if not rows:
        return ""
    head = format_html_join("", '<th scope="col">{}</th>', ([_inline(cell)] for cell in rows[0]))
    body = format_html_join(
        "",
        "<tr>{}</tr>",
        ([format_html_join("", "<td>{}</td>", ([_inline(c)] for c in row))] for row in rows[1:]),
    )
    return format_html("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>", head, body)


def _inline(text: str) -> SafeString:
    safe = str(escape(text.strip()))
    safe = re.sub(r"`([^`]+)`", r"<code>\1</code>", safe)
    safe = re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", safe)
    return mark_safe(safe)  # noqa: S308  # escaped above; only our own elements were added
