"""Text, JSON and CSV in pieces."""

import csv
import io
import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.datasets.formats.streams import (
    PIECE,
    UnsafeValue,
    chunked,
    csv_pieces,
    gathered,
    json_array,
)
from clinic.datasets.manifest import ManifestRow, row_line
from tests.clinic.datasets.formats.frozen import make_row

CELLS = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=12)
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


@settings(deadline=None)
@given(st.lists(st.tuples(CELLS, CELLS, st.integers(min_value=0)), max_size=30))
def test_a_csv_is_read_back_or_refused_for_a_cell_that_a_spreadsheet_would_run(
    rows: list[tuple[str, str, int]],
) -> None:
    runs = any(cell.startswith(DANGEROUS) or "\r" in cell for row in rows for cell in row[:2])
    if runs:
        with pytest.raises(UnsafeValue):
            list(csv_pieces(("a", "b", "c"), rows))
        return
    written = b"".join(csv_pieces(("a", "b", "c"), rows)).decode()
    read = list(csv.reader(io.StringIO(written, newline="")))
    assert read == [["a", "b", "c"], *([a, b, str(c)] for a, b, c in rows)]


@pytest.mark.parametrize("sign", DANGEROUS)
@pytest.mark.parametrize("place", [0, 1, 1500])
@pytest.mark.parametrize("column", [0, 1])
@pytest.mark.parametrize("rest", ["1", '1,"2"', ""])
def test_a_formula_is_found_wherever_it_stands(
    sign: str, place: int, column: int, rest: str
) -> None:
    rows = [["one", "two"] for _ in range(2000)]
    rows[place][column] = f"{sign}{rest}"
    with pytest.raises(UnsafeValue, match=f"The column {'ab'[column]} holds"):
        list(csv_pieces(("a", "b"), rows))


@pytest.mark.parametrize("cell", ["a=1", 'he said ",=1"', "line\n-2", "x,+y", "1-2", "a@b"])
def test_signs_inside_a_cell_are_harmless(cell: str) -> None:
    written = b"".join(csv_pieces(("a", "b"), [("x", cell)])).decode()
    assert list(csv.reader(io.StringIO(written, newline="")))[1] == ["x", cell]


def test_a_csv_without_rows_has_its_header() -> None:
    assert b"".join(csv_pieces(("a", "b"), [])) == b"a,b\n"


@settings(deadline=None)
@given(st.lists(st.lists(st.text(max_size=5) | st.integers() | st.none()), max_size=8))
def test_an_array_in_pieces_is_the_array(items: list[Any]) -> None:
    assert json.loads("".join(json_array(items))) == items


@settings(deadline=None)
@given(st.lists(st.binary(max_size=100)), st.integers(min_value=1, max_value=7))
def test_nothing_is_lost_or_added_by_gathering(lines: list[bytes], size: int) -> None:
    assert b"".join(gathered(lines)) == b"".join(lines)
    assert [line for chunk in chunked(lines, size) for line in chunk] == lines
    assert all(len(chunk) <= size for chunk in chunked(lines, size))


def test_pieces_are_neither_tiny_nor_large() -> None:
    sizes = [len(piece) for piece in gathered(b"x" * 100 for _ in range(100_000))]
    assert all(PIECE <= size <= PIECE + 100 for size in sizes[:-1])


@settings(deadline=None)
@given(
    label=st.text(max_size=20) | st.sampled_from(["nv", "\x7f\u2028", '"\\', "é\n"]),
    agreement=st.floats(min_value=0, max_value=1) | st.sampled_from([0, 1]),
    age=st.none() | st.integers(min_value=0, max_value=85),
    shown=st.booleans(),
)
def test_a_line_of_the_manifest_is_what_json_writes(
    label: str, agreement: float, age: int | None, *, shown: bool
) -> None:
    row = make_row(1, label=label, agreement=agreement, age=age, model_shown=shown)
    expected = json.dumps(row._asdict(), ensure_ascii=False, separators=(",", ":")) + "\n"
    try:
        as_bytes = expected.encode()
    except UnicodeEncodeError:  # a lone surrogate is no text: nobody can write it
        with pytest.raises(UnicodeEncodeError):
            row_line(row)
        return
    assert row_line(row) == as_bytes


@pytest.mark.parametrize("share", [math.nan, math.inf])
def test_a_share_that_is_no_number_makes_no_line(share: float) -> None:
    row: ManifestRow = make_row(1, agreement=share)
    with pytest.raises(ValueError, match="not JSON compliant"):
        row_line(row)
