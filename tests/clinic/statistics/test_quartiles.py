"""Quartiles of counted values are those of the values one by one."""

from collections import Counter
from statistics import quantiles

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.statistics.quartiles import quartiles


@given(st.lists(st.integers(0, 500), min_size=2, max_size=60))
def test_counted_and_one_by_one_are_the_same(values: list[int]) -> None:
    found = quartiles(Counter(values))
    assert found is not None
    expected = quantiles(values, n=4, method="inclusive")
    assert [found.lower, found.median, found.upper] == pytest.approx(expected)
    assert found.n == len(values)


def test_one_value_is_all_three_and_nothing_is_none() -> None:
    found = quartiles({48: 1})
    assert found is not None
    assert (found.lower, found.median, found.upper, found.n) == (48, 48, 48, 1)
    assert quartiles({}) is None
