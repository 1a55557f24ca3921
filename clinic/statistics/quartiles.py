"""Median and quartiles of what was counted."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Quartiles:
    """In the unit of what was counted, over `n` observations."""

    lower: float
    median: float
    upper: float
    n: int


def quartiles(counts: Mapping[int, int]) -> Quartiles | None:
    """Of values with how often each was found; None of nothing.

    Between two observations by linear interpolation (type 7 of Hyndman & Fan 1996, Am Stat 50:361:
    what PostgreSQL's percentile_cont and numpy do).
    """
    n = sum(counts.values())
    if n == 0:
        return None
    ordered = sorted((value, count) for value, count in counts.items() if count)
    lower, median, upper = (_at((n - 1) * share, ordered) for share in (0.25, 0.5, 0.75))
    return Quartiles(lower, median, upper, n)


def _at(rank: float, ordered: list[tuple[int, int]]) -> float:
    """The value at a rank from 0 to n - 1."""
    whole = int(rank)
    below = _observation(whole, ordered)
    if rank == whole:
        return float(below)
    return below + (rank - whole) * (_observation(whole + 1, ordered) - below)


def _observation(number: int, ordered: list[tuple[int, int]]) -> int:
    for value, count in ordered:
        if number < count:
            return value
        number -= count
    raise IndexError(number)
