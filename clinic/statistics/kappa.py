"""Agreement of two readers beyond chance."""

from collections import Counter
from collections.abc import Hashable, Mapping
from math import sqrt
from typing import TypeVar

from clinic.statistics.intervals import Z95, Estimate

Label = TypeVar("Label", bound=Hashable)


def cohen_kappa(pairs: Mapping[tuple[Label, Label], int]) -> Estimate | None:
    """Cohen's kappa with its asymptotic 95 % interval, cut at -1 and 1.

    `pairs` says how often the first said one thing and the second another. None where kappa is not
    defined: no pair, or both said one and the same thing of everything, so that chance alone
    explains it. Cohen 1960, Educ Psychol Meas 20:37; the standard error is equation 13 of Fleiss,
    Cohen & Everitt 1969, Psychol Bull 72:323 (the one that does not assume a kappa of 0).
    """
    n = sum(pairs.values())
    first: Counter[Label] = Counter()
    second: Counter[Label] = Counter()
    for (one, other), count in pairs.items():
        first[one] += count
        second[other] += count
    # Counts, not shares: whether chance explains everything is asked of whole numbers.
    agreed = sum(count for (one, other), count in pairs.items() if one == other)
    by_chance = sum(first[label] * second[label] for label in first)
    if n == 0 or by_chance == n * n:
        return None
    expected = by_chance / n**2
    kappa = (agreed / n - expected) / (1 - expected)
    half = Z95 * _standard_error(pairs, first, second, expected=expected, kappa=kappa)
    return Estimate(kappa, max(-1.0, kappa - half), min(1.0, kappa + half), n)


def one_against_rest(
    pairs: Mapping[tuple[Label, Label], int], label: Label
) -> Counter[tuple[bool, bool]]:
    """The same pairs, of which only counts whether each said `label`."""
    found: Counter[tuple[bool, bool]] = Counter()
    for (one, other), count in pairs.items():
        found[one == label, other == label] += count
    return found


def _standard_error(
    pairs: Mapping[tuple[Label, Label], int],
    first: Mapping[Label, int],
    second: Mapping[Label, int],
    *,
    expected: float,
    kappa: float,
) -> float:
    n = sum(pairs.values())
    on_diagonal = off_diagonal = 0.0
    for (one, other), count in pairs.items():
        if one == other:
            margins = (first[one] + second[one]) / n
            on_diagonal += count / n * (1 - margins * (1 - kappa)) ** 2
        else:
            # The margins cross: what the second said, of the first's label.
            margins = (second[one] + first[other]) / n
            off_diagonal += count / n * margins**2
    chance = (kappa - expected * (1 - kappa)) ** 2
    variance = on_diagonal + (1 - kappa) ** 2 * off_diagonal - chance
    return sqrt(max(0.0, variance) / n) / (1 - expected)
