"""A figure as a page shows it: with what it is over, or the statement that this is too little."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from clinic.statistics.intervals import Estimate, Tally, balanced_accuracy, wilson_interval
from clinic.statistics.kappa import cohen_kappa, one_against_rest

# Below these a kappa or a mean of recalls says more about chance than about readers: an interval
# from a normal approximation is then too narrow. A single proportion has Wilson's, at any n.
FEWEST = 20
FEWEST_OF_A_CLASS = 10

Label = TypeVar("Label", bound=Hashable)


@dataclass(frozen=True)
class Figure:
    """`estimate` is None where `is_too_few`, and where the figure is not defined.

    `n` is what the figure is over; for one class, the pairs in which somebody named it.
    """

    n: int
    estimate: Estimate | None = None
    is_too_few: bool = False
    hits: int | None = None


def kappa_figure(pairs: Mapping[tuple[Label, Label], int]) -> Figure:
    """Cohen's kappa of pairs, from twenty on."""
    n = sum(pairs.values())
    return Figure(n, is_too_few=True) if n < FEWEST else Figure(n, cohen_kappa(pairs))


def class_kappa_figure(pairs: Mapping[tuple[Label, Label], int], label: Label) -> Figure:
    """The kappa of one label against the rest, from ten pairs on in which it was named."""
    named = sum(count for pair, count in pairs.items() if label in pair)
    if sum(pairs.values()) < FEWEST or named < FEWEST_OF_A_CLASS:
        return Figure(named, is_too_few=True)
    return Figure(named, cohen_kappa(one_against_rest(pairs, label)))


def accuracy_figure(recalls: Iterable[Tally]) -> Figure:
    """Balanced accuracy over the classes that occur."""
    tallies = list(recalls)
    n = sum(tally.n for tally in tallies)
    if n < FEWEST:
        return Figure(n, is_too_few=True)
    return Figure(n, balanced_accuracy(tallies))


def proportion_figure(tally: Tally) -> Figure:
    """A proportion with Wilson's interval; too few is none at all."""
    return Figure(tally.n, wilson_interval(tally), tally.n == 0, tally.hits)
