"""Timing several pieces of work within one run, so that a slow machine does not decide a ratio."""

import time
from collections.abc import Callable, Mapping


def in_turns(
    works: Mapping[str, Callable[[], object]],
    *,
    clock: Callable[[], float] = time.perf_counter,
    rounds: int = 4,
) -> dict[str, float]:
    """The fewest seconds of several runs of each, in turns, after one run of each to warm up.

    With ``time.process_time`` as the clock, what else the machine does hardly matters; threads'
    times are then added up.
    """
    fewest = dict.fromkeys(works, float("inf"))
    for turn in range(rounds + 1):
        for name, work in works.items():
            started = clock()
            work()
            if turn:
                fewest[name] = min(fewest[name], clock() - started)
    return fewest
