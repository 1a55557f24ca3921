"""The length that is announced is the length that comes, also beyond what one can try."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from zipstream import ZipStream

from clinic.services.dataset_exports.zip_size import zip_size

GIB = 1 << 30
LIMIT = (1 << 31) - 1


def length_by_the_library(members: Iterable[tuple[str, int]]) -> int:
    """No content is made for this: the sizes are believed."""
    archive = ZipStream(sized=True)
    for name, size in members:
        archive.add(iter(()), name, size=size)
    return len(archive)


@pytest.mark.parametrize(
    "sizes",
    [
        [],
        [0],
        [1, 20_000_000],
        [5 * GIB],
        [3 * GIB, 10],
        [10, 3 * GIB, 10],
        [GIB] * 5,
        [LIMIT, 1],
        [LIMIT - 100, 1, 1],
        [int(LIMIT / 1.05) - 1, int(LIMIT / 1.05) + 1],
        [1] * 66_000,
    ],
    ids=["none", "empty", "small", "long", "long first", "long between", "long together",
         "at the limit", "around the limit", "around the margin", "many"],
)  # fmt: skip
def test_it_is_the_length_that_the_library_comes_to(sizes: list[int]) -> None:
    members = [(f"isic/images/I-{number:016x}.jpg", size) for number, size in enumerate(sizes)]
    assert zip_size(members) == length_by_the_library(members)


@given(st.lists(st.tuples(st.text("aé☃/", min_size=1).filter(lambda n: n.strip("/") == n),
                          st.integers(0, 6 * GIB)), max_size=8))  # fmt: skip
def test_whatever_the_names_and_sizes(members: list[tuple[str, int]]) -> None:
    assert zip_size(members) == length_by_the_library(members)


def test_at_the_count_where_the_library_says_less_than_it_writes() -> None:
    """It announces the short end of a zip of 65,535 members and writes the long one."""
    members = [(f"{number}", 0) for number in range(65_535)]
    archive = ZipStream(sized=True)
    for name, _ in members:
        archive.add(b"", name)
    announced = len(archive)
    assert announced < sum(map(len, archive)) == zip_size(members)
