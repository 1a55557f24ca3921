"""Bytes in pieces: writers yield them as they go, so a file of any size costs one chunk."""

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from itertools import islice
from typing import Any, TypeVar

T = TypeVar("T")

CHUNK = 500
"""Rows that are held at once."""
PIECE = 1 << 16
"""Bytes of a piece, about: storage and zip are slow with small ones."""

encode_json = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), allow_nan=False, check_circular=False
).encode

# What a spreadsheet takes for a formula (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t")
_BEFORE_A_CELL = ("\n", ",", '\n"', ',"')


class UnsafeValue(ValueError):
    """A value that must not leave the house as it is; the text is a sentence."""


def chunked(items: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """The items in lists of `size`, the last one shorter."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def gathered(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of about `PIECE`."""
    waiting: list[bytes] = []
    size = 0
    for line in lines:
        waiting.append(line)
        size += len(line)
        if size >= PIECE:
            yield b"".join(waiting)
            waiting.clear()
            size = 0
    if waiting:
        yield b"".join(waiting)


def text(lines: Iterable[str]) -> Iterator[bytes]:
    """Text in UTF-8, in pieces."""
    return gathered(line.encode() for line in lines)


def json_array(items: Iterable[Any], *, indent: str = "") -> Iterator[str]:
    """A JSON array, one item a line, in pieces of text."""
    between = f"[\n{indent}"
    for item in items:
        yield between + encode_json(item)
        between = f",\n{indent}"
    yield "[]" if between.startswith("[") else "\n]"


def csv_pieces(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """A CSV in UTF-8 with a header, lines ending in a line feed.

    Raises UnsafeValue for a cell that a spreadsheet would run, or with a carriage return, which
    readers take for the end of a line. Codes, pseudonyms and numbers of this record are none of
    these, and one that is must be found out, not quoted into another value.
    """
    buffer = StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    for chunk in chunked(rows):
        writer.writerows(chunk)
        piece = buffer.getvalue()
        if _may_be_unsafe("\n" + piece):
            _refuse_unsafe_cells(columns, chunk)
        yield piece.encode()
        buffer.seek(0)
        buffer.truncate()
    if rest := buffer.getvalue():  # a header without rows
        yield rest.encode()


def _may_be_unsafe(piece: str) -> bool:
    """Quick: most pieces have none of the signs at all. What is inside quotes may mislead it."""
    return "\r" in piece or any(
        sign in piece and any(before + sign in piece for before in _BEFORE_A_CELL)
        for sign in _FORMULA
    )


def _refuse_unsafe_cells(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    for row in rows:
        for column, cell in zip(columns, row, strict=True):
            if str(cell).startswith(_FORMULA) or "\r" in str(cell):
                raise UnsafeValue(
                    f"The column {column} holds {str(cell)[:40]!r}, which a spreadsheet would not "
                    f"take for plain text: correct it in the taxonomy or the record."
                )
