"""Batches made ahead are the same batches."""

import threading
from collections.abc import Iterator

import pytest

from inference.training.prefetch import prefetched


def test_batches_come_whole_and_in_order() -> None:
    for count in (0, 1, 7):
        assert list(prefetched(iter(range(count)))) == list(range(count))


def test_batches_are_made_elsewhere_and_no_further_ahead_than_asked() -> None:
    made: list[int] = []

    def make() -> Iterator[threading.Thread]:
        for number in range(10):
            made.append(number)
            yield threading.current_thread()

    batches = prefetched(make(), ahead=2)
    assert next(batches) is not threading.current_thread()
    assert len(made) <= 3
    assert len(list(batches)) == 9


def test_what_goes_wrong_while_making_a_batch_is_raised() -> None:
    def make() -> Iterator[int]:
        yield 1
        message = "no such image"
        raise OSError(message)

    batches = prefetched(make())
    assert next(batches) == 1
    with pytest.raises(OSError, match="no such image"):
        list(batches)
